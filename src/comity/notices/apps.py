"""Django registration of the room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "comity.notices"
    label = "notices"

    def ready(self) -> None:
        """Follow the events; the daily sweep."""
        from comity.notices import bell, consumer  # noqa: F401
