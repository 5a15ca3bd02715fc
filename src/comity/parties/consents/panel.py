"""Consents on the card of a person: a quiet line that is opened when one wants to know."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.parties.consents.commands import PERSON
from comity.parties.consents.journal import day_text, entries, holding, value_name, what
from comity.parties.consents.model import Consent
from comity.parties.consents.options import PURPOSES, WAYS
from comity.records.types import RecordType
from comity.ui import panels, registry
from comity.ui.render import html

GIVEN, WITHDRAWN = "1", "0"  # in forms and addresses


def load(actor: Actor, record_type: RecordType, card: Any) -> dict[str, Any]:
    """The panel as the card brings it: nothing is read of the journal before it is opened."""
    url = f"/people/{card.pk}/consents"
    made = html("parties/consents_panel.html", {"url": url})
    return {"label": _("Consents"), "items": [], "html": made, "add_url": f"{url}/new" if writes(actor, card) else None}


def writes(actor: Actor, card: Any) -> bool:
    """Whether he may write into the journal of a card he sees."""
    return card.deleted_at is None and panels.may_edit(actor, actor.state.record_types[PERSON], card)


def held(actor: Actor, card: Any) -> dict[str, Any]:
    """What holds now for each purpose there is an entry of, in the order of the list; read when the panel is opened."""
    url = f"/people/{card.pk}/consents"
    rows = entries(card.pk)
    now_held = holding(rows)
    known = [one.key for one in actor.state.options[PURPOSES.key]]
    order = [key for key in known if key in now_held] + sorted(key for key in now_held if key not in known)
    may = writes(actor, card)
    items = [_line(actor, now_held[key], f"{url}/new" if may and key in known else "") for key in order]
    return {"items": items, "all_url": url if rows else None, "add_url": f"{url}/new" if may else None}


def _line(actor: Actor, row: Consent, url: str) -> dict[str, Any]:
    """One purpose: what holds, since when, how one knows; with the way to withdraw what was given."""
    withdrawn = urlencode({"purpose": row.purpose, "given": WITHDRAWN})
    return {
        "name": value_name(actor, PURPOSES.key, row.purpose), "given": row.given,
        "said": said(actor, row),
        "withdraw_url": f"{url}?{withdrawn}" if url and row.given else None,
    }  # fmt: skip


def said(actor: Actor, row: Consent) -> str:
    """What was said, when, and how, as far as anybody noted it: "Given on 3 March 2026 · On paper"."""
    way = value_name(actor, WAYS.key, row.way) if row.way else ""
    return " · ".join(filter(None, (what(row.given, day_text(row.day, actor.language)), way)))


def choices(actor: Actor, list_key: str, held: str = "") -> Sequence[dict[str, str]]:
    """The values of a list one may choose, with the one that is chosen even when it is offered no more."""
    return [
        {"value": one.key, "label": one.label[actor.language]}
        for one in actor.state.options[list_key] if not one.retired or one.key == held
    ]  # fmt: skip


def register() -> None:
    """Add the panel to the card of a person."""
    registry.add(registry.Panel("consents", load, frozenset({PERSON}), order=90, label=lambda: _("Consents")))
