"""Django registration of the room."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "comity.sales"
    label = "sales"

    def ready(self) -> None:
        """Make pipelines, deals and leads known to the house."""
        from comity.changes import batch, commands
        from comity.sales import options  # noqa: F401
        from comity.sales.deals import events  # noqa: F401
        from comity.sales.deals import record_type as deals  # noqa: F401
        from comity.sales.deals.commands import CreateDeal, MoveDeal, UpdateDeal
        from comity.sales.leads import panels as lead_panels
        from comity.sales.leads import record_type as leads  # noqa: F401
        from comity.sales.pipelines import state  # noqa: F401

        lead_panels.register()
        commands.use("deal", create=CreateDeal, update=UpdateDeal)
        batch.add_act("deal.move", lambda deal_id, given: [MoveDeal(deal_id, 0, given["stage"])])
