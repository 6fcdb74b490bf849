"""The wiring of the site: settings, queues, URLs, and what runs it on one machine."""

from landscape.celery import app as celery_app

__all__ = ["celery_app"]
