"""Who may come to the desk."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import curator

__all__ = ["curator"]


@pytest.fixture
def visitor() -> Client:
    """A visitor who shows its proofs itself."""
    return Client()


@pytest.fixture
def ann(django_user_model: Any) -> Any:
    from tests.accounts.visiting import PASSWORD  # here: it asks for models, which are not there yet

    return django_user_model.objects.create_superuser("ann", password=PASSWORD)
