"""The app: collects, resolves, computes and shows the AI landscape."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "AI landscape"
