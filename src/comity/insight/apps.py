"""Django registration of the room."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "comity.insight"
    label = "insight"

    def ready(self) -> None:
        """What the room adds to the house: the line in the menu, the event of an export."""
        from django.utils.translation import gettext as _

        from comity.insight import export, reports
        from comity.records.modules import Module, add

        export.register()
        reports.register_menu()
        add(Module("reports", lambda: _("Reports"), lambda: _("Figures over months, with the cards behind them."),
                   ("comity.insight",), 50))  # fmt: skip
