"""Django registration of the room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "comity.exchange"
    label = "exchange"

    def ready(self) -> None:
        """What the room adds to the house: merging, the queue of likely pairs, handing clients over."""
        from django.utils.translation import gettext as _

        from comity.exchange.duplicates import bulk, consumer, scan, settings  # noqa: F401
        from comity.exchange.duplicates import pages as duplicates
        from comity.exchange.erasing import events as _erasing_events  # noqa: F401
        from comity.exchange.erasing import holders
        from comity.exchange.erasing import pages as erasing
        from comity.exchange.exports import register as exports
        from comity.exchange.handover import commands as handover
        from comity.exchange.handover import pages as handover_pages
        from comity.exchange.imports import events as _import_events  # noqa: F401
        from comity.exchange.imports import pages as import_pages
        from comity.exchange.imports import running as _import_running  # noqa: F401
        from comity.exchange.keeping import register as keeping
        from comity.exchange.merging import events, followers, pages  # noqa: F401
        from comity.records.modules import Module, add

        import_pages.register()
        followers.register()
        pages.register()
        bulk.register()
        consumer.register()
        duplicates.register()
        settings.register()
        exports()
        holders.add()
        erasing.register()
        handover.register()
        handover_pages.register()
        keeping()
        add(Module("duplicates", lambda: _("Duplicates"), lambda: _("Likely pairs in the base, merging them into one."),
                   ("comity.exchange.duplicates", "comity.exchange.merging"), 60))  # fmt: skip
        add(Module("import", lambda: _("Import"), lambda: _("Cards out of files of other programs."),
                   ("comity.exchange.imports",), 70))  # fmt: skip
        add(Module("export", lambda: _("Export"),
                   lambda: _("Lists and reports taken away as files. The whole base and the support bundle stay."),
                   ("comity.exchange.exports.lists", "comity.insight.export"), 80))  # fmt: skip
        add(Module("handover", lambda: _("Hand over clients"), lambda: _("All clients of one colleague to others."),
                   ("comity.exchange.handover",), 90))  # fmt: skip
