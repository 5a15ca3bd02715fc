"""Django registration of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "comity.api"
    label = "api"

    def ready(self) -> None:
        """Make webhooks known to the house."""
        from comity.api.webhooks import consumer, events, lanes, log_pages, pages, settings, state  # noqa: F401
