"""Django registration of the room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "comity.ui"
    label = "ui"

    def ready(self) -> None:
        """The modules whose pages are the kit's own."""
        from django.utils.translation import gettext as _

        from comity.records.modules import Module, add
        from comity.ui.layouts import setting, state  # noqa: F401

        state.register()
        add(Module(
            "own", lambda: _("Own kinds of cards"), lambda: _("Cards you describe yourself, as “Property”."),
            ("comity.ui.pages.settings.types", "comity.changes.custom_types"), 40, own_types=True,
        ))  # fmt: skip
