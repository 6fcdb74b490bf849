"""Which passwords an account of the desk may have."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_superuser("ann", password="a long enough secret")


@pytest.mark.parametrize("password", ["short", "password1234", "landscape-2026", "ann-ann-ann-ann-1", "Testserver12"])
def test_passwords_that_are_tried_first_are_refused(ann, settings, password):
    settings.ALLOWED_HOSTS = ["testserver.example.org"]
    ann.first_name = "ann-ann-ann-ann"
    with pytest.raises(ValidationError):
        validate_password(password, ann)


@pytest.mark.parametrize("password", ["correct horse battery", "495120387716", "ä" * 13, "x9" * 60])
def test_a_long_password_of_any_signs_is_taken_as_it_is(ann, password):
    validate_password(password, ann)
    ann.set_password(password)
    assert ann.check_password(password)
    assert not ann.check_password(password[:-1])
