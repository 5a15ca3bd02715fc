"""Django registration of the room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "comity.search"
    label = "search"

    def ready(self) -> None:
        """Follow the events."""
        from comity.search import consumer, rules, suspicion, traces, twins  # noqa: F401
