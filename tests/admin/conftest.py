"""The small installation of the pipeline's tests, and who may come to the desk: a curator, a reader, a superuser."""

import importlib

import pytest

from tests.pipeline.conftest import installed, refused, root

__all__ = ["installed", "refused", "root"]


@pytest.fixture
def curator(db):
    from django.apps import apps
    from django.contrib.auth.models import Group, User

    # The migration made the group; a test that emptied the whole database before this one took it away.
    importlib.import_module("tracker.migrations.0004_curators").make(apps, None)
    user = User.objects.create_user("ann", password="a long enough secret", is_staff=True)
    user.groups.add(Group.objects.get(name="curators"))
    return user


@pytest.fixture
def desk(client, curator):
    """A browser without scripts in which a curator is logged in."""
    client.force_login(curator)
    return client


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def world(installed):
    """Something of everything that the desk shows."""
    from tests import kept
    from tests.admin.world import build

    kept.put("desk", build)


@pytest.fixture
def eager():
    """Every message is taken up at once, by this process."""
    from landscape.celery import app

    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False
