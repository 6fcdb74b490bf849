"""Writing the letters of an issue: once for all readers of the same wishes, then each with its reader's own links."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from tracker.digest import letter, outbox, readers, render, tokens
from tracker.digest.render import ANYBODY, Rendered
from tracker.domain.notable import Wishes
from tracker.models import Issue, Letter

# Readers who chose topics and labs one by one may be many; those who did not are one.
MOST_KEPT = 512
SOMEBODY, NAMELESS = "somebody@reader.invalid", "<name@reader.invalid>"


@dataclass(frozen=True, slots=True)
class Form:
    """A letter of certain wishes, and its bytes with blanks where a reader's own words go; no bytes where they could
    not be filled in, because an encoding hides them."""

    rendered: Rendered
    body: bytes

    @classmethod
    def of(cls, rendered: Rendered, week: str) -> "Form":
        blank = letter.message(rendered, to=SOMEBODY, message_id=NAMELESS, leave_url=ANYBODY[0], issue_week=week)
        body: bytes = blank.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own argument
        texts = rendered.html + rendered.text
        plain = all(body.count(link.encode()) == texts.count(link) + (link == ANYBODY[0]) for link in ANYBODY)
        once = body.count(SOMEBODY.encode()) == body.count(NAMELESS.encode()) == 1
        return cls(rendered, body if plain and once else b"")

    def filled(self, *, to: str, message_id: str, leave: str, preferences: str) -> bytes:
        blanks = {SOMEBODY: to, NAMELESS: message_id}
        body = self.body
        for blank, words in {**blanks, ANYBODY[0]: leave, ANYBODY[1]: preferences}.items():
            body = body.replace(blank.encode(), words.encode("ascii"))
        return body


class Writer:
    """The letters of one issue. Its words were frozen with it, so what was rendered once stays right."""

    def __init__(self, issue: Issue) -> None:
        self._issue = issue
        self._content = outbox.said(issue)
        self._kept: dict[tuple[Wishes, bool], Form | None] = {}

    def _form(self, wishes: Wishes, *, text_only: bool) -> Form | None:
        """None: the issue has nothing for these wishes."""
        kind = (wishes, text_only)
        if kind not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[kind] = self._made(wishes, text_only) if outbox.wanted(self._content, wishes) else None
        return self._kept[kind]

    def _made(self, wishes: Wishes, text_only: bool) -> Form:
        links = render.for_anybody(self._issue.week)
        told = {"note": self._issue.note, "wishes": wishes, "links": links, "text_only": text_only}
        return Form.of(render.issue(self._content, **told), self._issue.week)  # type: ignore[arg-type]

    def letter(self, row: Letter) -> tuple[EmailMultiAlternatives, bytes] | None:
        """The letter as its reader gets it, and its bytes where they are known; None: there is nothing for this reader,
        or no reader. Raises ValueError where an address or a link cannot stand in a letter."""
        reader = row.subscriber
        form = self._form(readers.wishes(reader), text_only=reader.text_only) if reader else None
        if reader is None or form is None:
            return None
        leave, preferences = tokens.leave_url(reader), tokens.preferences_url(reader)
        mine = form.rendered.addressed(leave=leave, preferences=preferences)
        told = {"to": reader.email, "message_id": row.message_id}
        message = letter.message(mine, leave_url=leave, issue_week=self._issue.week, **told)
        body = form.filled(leave=leave, preferences=preferences, **told) if form.body else b""
        return message, body if not settings.MAIL_PROVIDER else b""
