"""The desk's pages as tests ask for them: the page of a row, a list, an action on rows, and what was answered."""

from django.urls import reverse


def page(row) -> str:
    return reverse(f"admin:tracker_{row._meta.model_name}_change", args=[row.pk])


def listed(desk, address: str, **query) -> set[int]:
    return {row.pk for row in desk.get(address, query).context["cl"].result_list}


def act(desk, model: str, action: str, *rows, reason: str = "Why"):
    told = {"action": action, "_selected_action": [row.pk for row in rows], "reason": reason}
    return desk.post(reverse(f"admin:tracker_{model}_changelist"), told, follow=True)


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]
