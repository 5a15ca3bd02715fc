"""Fields and kinds of cards made by clicks, for tests."""

from typing import Any

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.settings import SaveSetting
from comity.records.models import RecordRef
from support.house import again


def kind(actor: Actor, name: str = "Property", several: str = "Properties", **more: Any) -> RecordRef:
    """A kind of cards, key own_<name>."""
    values = {"key": f"own_{name.lower()}", "slug": several.lower(), "label": {"en": name}, "plural": {"en": several},
              "icon": "home", "menu": "clients", **more}  # fmt: skip
    return run(again(actor), SaveSetting("type", values)).record


def field(actor: Actor, type_key: str, key: str, kind: str, **more: Any) -> RecordRef:
    """A field of the key own_<key>."""
    values = {"type_key": type_key, "key": f"own_{key}", "kind": kind, "label": {"en": key.capitalize()}, **more}
    return run(again(actor), SaveSetting("field", values)).record


def change(actor: Actor, made: RecordRef, **values: Any) -> RecordRef:
    """The same field, otherwise."""
    return run(again(actor), SaveSetting("field", values, made.id)).record


def card(actor: Actor, type_key: str, name: str, **values: Any) -> RecordRef:
    """A card of a kind that has a name."""
    return run(again(actor), Create(type_key, {"name": name, **values})).record
