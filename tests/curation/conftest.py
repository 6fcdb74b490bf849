"""The small installation of the pipeline's tests, with two curators."""

import pytest

from tests.pipeline.conftest import installed, refused, root

__all__ = ["installed", "refused", "root"]


@pytest.fixture
def ann(db):
    from django.contrib.auth.models import User

    return User.objects.create_user("ann", password="a long enough secret", is_staff=True)


@pytest.fixture
def bob(db):
    from django.contrib.auth.models import User

    return User.objects.create_user("bob", password="a long enough secret", is_staff=True)
