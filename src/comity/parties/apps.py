"""Django registration of the room."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "comity.parties"
    label = "parties"

    def ready(self) -> None:
        """Make people and companies known to the house, and what people agree to."""
        from comity.parties import relations  # noqa: F401
        from comity.parties.companies import record_type as companies  # noqa: F401
        from comity.parties.consents import events, options, panel  # noqa: F401
        from comity.parties.people import record_type as people  # noqa: F401

        panel.register()
