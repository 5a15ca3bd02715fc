"""Answers of the comboboxes: cards, colleagues, teams, tags, languages, countries."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from comity.access import policy
from comity.access.actors import Actor
from comity.identity.models import hue_of, initials
from comity.kernel.errors import NotFound
from comity.kernel.text import fold
from comity.records.models import RecordRef
from comity.search.find import find
from comity.ui import codes
from comity.ui.render import fragment

MOST = 12


def lookup(request: HttpRequest, name: str) -> HttpResponse:
    """GET: at most twelve options for `q`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    query = request.GET.get("q", "").strip()[:100]
    if name in actor.state.record_types:
        options = _cards(actor, name, query)
    elif name == "card":
        options = _any_card(actor, query)
    else:
        options = _known(actor, name, query)
    return fragment(request, "ui/fragments/lookup.html", options=options[:MOST], create=None, more=len(options) > MOST)


def card_option(actor: Actor, ref: RecordRef, title: str, sub: str) -> dict[str, Any]:
    """A card as an option or a hit."""
    record_type = actor.state.record_types[ref.type]
    return {
        "id": str(ref.id), "title": title, "sub": sub, "initials": initials(title), "hue": hue_of(ref.id),
        "company": record_type.company_shape, "url": f"/{record_type.slug}/{ref.id}",
    }  # fmt: skip


def _cards(actor: Actor, name: str, query: str) -> list[dict[str, Any]]:
    if not query:
        newest = policy.visible(actor, actor.state.record_types[name]).order_by("-updated_at", "-id")
        rows = newest.values_list("id", "title")[: MOST + 1]
        return [card_option(actor, RecordRef(name, key), title, "") for key, title in rows]
    hits = find(actor, query, [name], MOST + 1)
    return [card_option(actor, hit.ref, hit.title, hit.context) for hit in hits]


def _any_card(actor: Actor, query: str) -> list[dict[str, Any]]:
    """Cards of every type, by keys that name the type: for fields that point to any card."""
    hits = find(actor, query, None, MOST + 1) if query else []
    return [card_option(actor, hit.ref, hit.title, hit.context) | {"id": str(hit.ref)} for hit in hits]


def _known(actor: Actor, name: str, query: str) -> list[dict[str, Any]]:
    """Small lists of the house: searched by any part of their names."""
    state = actor.state
    entries: list[dict[str, Any]]
    match name:
        case "user":
            entries = [
                {"id": str(key), "title": user.name, "sub": user.job_title, "initials": user.initials, "hue": user.hue}
                for key, user in state.users.items() if user.active
            ]  # fmt: skip
        case "team":
            entries = [{"id": str(key), "title": team.name} for key, team in state.teams.items()]
        case "tag":
            entries = [{"id": str(key), "title": tag.name, "hue": tag.hue} for key, tag in state.tags.items()]
        case "language":
            entries = [{"id": one["value"], "title": one["label"]} for one in codes.languages(actor.language)]
        case "country":
            entries = [{"id": one["value"], "title": one["label"]} for one in codes.countries(actor.language)]
        case _:
            raise NotFound()
    wanted = fold(query)
    return [entry for entry in entries if wanted in fold(entry["title"])]
