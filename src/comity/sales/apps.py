"""Django registration of the room."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "comity.sales"
    label = "sales"

    def ready(self) -> None:
        """Make pipelines, deals and leads known to the house."""
        from comity.sales import options  # noqa: F401
        from comity.sales.deals import record_type as deals  # noqa: F401
        from comity.sales.leads import record_type as leads  # noqa: F401
        from comity.sales.pipelines import state  # noqa: F401
