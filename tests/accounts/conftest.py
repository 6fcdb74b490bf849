"""Who may come to the desk."""

from tests.admin.conftest import curator

__all__ = ["curator"]
