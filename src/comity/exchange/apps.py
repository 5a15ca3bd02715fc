"""Django registration of the room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "comity.exchange"
    label = "exchange"

    def ready(self) -> None:
        """What the room adds to the house: merging, the queue of likely pairs, handing clients over."""
        from comity.exchange.duplicates import bulk, consumer, scan, settings  # noqa: F401
        from comity.exchange.duplicates import pages as duplicates
        from comity.exchange.exports import register as exports
        from comity.exchange.handover import commands as handover
        from comity.exchange.handover import pages as handover_pages
        from comity.exchange.imports import events as _import_events  # noqa: F401
        from comity.exchange.imports import pages as import_pages
        from comity.exchange.imports import running as _import_running  # noqa: F401
        from comity.exchange.merging import events, followers, pages  # noqa: F401

        import_pages.register()
        followers.register()
        pages.register()
        bulk.register()
        consumer.register()
        duplicates.register()
        settings.register()
        exports()
        handover.register()
        handover_pages.register()
