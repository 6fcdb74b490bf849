"""The app: collects, resolves, computes and shows the AI landscape."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    """The one Django app of the site."""

    name = "tracker"
    verbose_name = "AI landscape"

    def ready(self) -> None:
        # Anymail tells of its webhooks by a signal and in no other way: the only one that is listened to here.
        from tracker.digest import bounces

        bounces.listen()
