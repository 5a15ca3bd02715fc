"""Django registration of the room."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "comity.sales"
    label = "sales"

    def ready(self) -> None:
        """Make pipelines, deals and leads known to the house."""
        from django.utils.translation import gettext as _

        from comity.changes import commands
        from comity.records.modules import Module, add
        from comity.sales import options, traces  # noqa: F401
        from comity.sales.deals import board, bulk, events, panels, signals  # noqa: F401
        from comity.sales.deals import record_type as deals  # noqa: F401
        from comity.sales.deals.commands import CreateDeal, UpdateDeal
        from comity.sales.leads import panels as lead_panels
        from comity.sales.leads import record_type as leads  # noqa: F401
        from comity.sales.pipelines import goal_pages, merging, pages, stage_pages, state  # noqa: F401
        from comity.sales.reports import funnel, inquiries, plan, won  # noqa: F401
        from comity.sales.today import register as add_to_today

        merging.register()
        traces.add()
        panels.register()
        lead_panels.register()
        add_to_today()
        commands.use("deal", create=CreateDeal, update=UpdateDeal)
        from comity.sales.deals import intake as deal_intake
        from comity.sales.leads import intake as lead_intake

        deal_intake.register()
        lead_intake.register()
        bulk.register()
        board.register()
        add(Module(
            "deals", lambda: _("Deals"), lambda: _("Sales from the first talk to won: pipelines, goals, reports."),
            ("comity.sales.deals", "comity.sales.pipelines", "comity.sales.goal_bars", "comity.sales.reports"), 20,
            needs=frozenset({"tasks"}),
        ))  # fmt: skip
        add(Module(
            "leads", lambda: _("Leads"), lambda: _("Inquiries that are not clients yet, until they are."),
            ("comity.sales.leads", "comity.sales.reports.inquiries"), 30, needs=frozenset({"tasks"}),
        ))  # fmt: skip
