"""Registers one of everything a room may bring."""

from typing import Any

from django.apps import AppConfig


class FakeRoomConfig(AppConfig):
    name = "support.fake_room"
    label = "fake_room"

    def ready(self) -> None:
        from markupsafe import Markup

        from comity.timeline import types as event_types
        from comity.ui import registry
        from support.fake_room import record_type

        def panel(actor: Any, kind: Any, card: Any) -> dict[str, Any]:
            return {"label": "Fake panel", "items": [{"title": card.title, "url": f"/gadgets/{card.id}"}]}

        event_types.register(event_types.EventType("gadget.polished", lambda payload, actor: "polished", kind="notes"))
        registry.add(registry.Panel("fake", panel, frozenset({record_type.GADGET.key})))
        registry.add(
            registry.Composer("fake", lambda: "Fake", "note", lambda *any: Markup("<p>fake composer</p>"),
                              frozenset({record_type.GADGET.key}))
        )  # fmt: skip
        registry.add(registry.NavItem("fake", lambda: "Fake line", "/gadgets/", "note", lambda actor, seen: True))
