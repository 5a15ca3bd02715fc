"""Django registration of the room."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "comity.changes"
    label = "changes"

    def ready(self) -> None:
        """The event types of the generic commands, the kinds of settings."""
        from comity.changes import (  # noqa: F401
            branches,
            colleagues,
            custom_fields,
            custom_types,
            entrance,
            events,
            field_use,
            files,
            openings,
            options,
            own_labels,
            recount,
            setting_types,
            sharing_rules,
            trace_holders,
        )
