"""Django registration of the room."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "comity.insight"
    label = "insight"

    def ready(self) -> None:
        """What the room adds to the house: the line in the menu, the event of an export."""
        from comity.insight import export, reports

        export.register()
        reports.register_menu()
