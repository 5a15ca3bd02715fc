"""Django registration of the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "comity.api"
    label = "api"

    def ready(self) -> None:
        """Make webhooks known to the house."""
        from django.utils.translation import gettext as _

        from comity.api.webhooks import consumer, events, lanes, log_pages, pages, settings, state, traces  # noqa: F401
        from comity.records.modules import Module, add

        traces.add()
        add(Module("api", lambda: _("API and webhooks"), lambda: _("Other programs read, write, are told of events."),
                   ("comity.api", "comity.ui.pages.settings.tokens", "comity.ui.pages.settings.programs"),
                   100))  # fmt: skip
