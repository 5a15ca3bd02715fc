"""Django registration of the room."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "comity.changes"
    label = "changes"

    def ready(self) -> None:
        """The event types of the generic commands."""
        from comity.changes import events  # noqa: F401
