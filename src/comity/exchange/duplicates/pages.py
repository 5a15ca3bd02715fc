"""The queue of likely pairs: look, compare, tell apart, merge many."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.duplicates import bulk, pairs, scan
from comity.exchange.duplicates.commands import TellApart
from comity.exchange.duplicates.model import Scan
from comity.exchange.duplicates.pairs import MOST_COUNTED, Shown
from comity.exchange.merging.commands import can_merge
from comity.exchange.merging.pages import url_of
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound
from comity.kernel.text import whole_number
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search import said as told_by
from comity.search.cards import Card, cards
from comity.ui import registry
from comity.ui.cells import moment_format
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import done, fresh_key, page

SURE = 90  # the score a bulk merge begins with


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def types_of(actor: Actor) -> list[RecordType]:
    """The types whose twins he may look for: those of which he may edit cards. Each page's menu asks: kept for him."""
    held: list[RecordType] | None = actor.derived.get(types_of)
    if held is None:
        held = actor.derived[types_of] = [
            one for one in actor.state.types_on
            if can_merge(one) and actor.scope(one.key, "edit") != "none" and actor.scope(one.key, "view") != "none"
        ]  # fmt: skip
    return held


def _type(request: HttpRequest, slug: str) -> RecordType:
    record_type = type_by_slug(request, slug)
    if record_type not in types_of(_actor(request)):
        raise NotFound()
    return record_type


def _key(text: str | None) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound() from None


def _after(text: str) -> tuple[int, UUID] | None:
    score, _dot, key = text.partition(".")
    try:
        return (int(score), UUID(key)) if score.isdecimal() and len(score) < 4 else None
    except ValueError:
        return None


@require_GET
def index(request: HttpRequest, slug: str = "") -> HttpResponse:
    """GET: the likely pairs of a type, the surest first; `state=different`: those told apart."""
    actor = _actor(request)
    types = types_of(actor)
    if not types:
        raise NotFound()
    record_type = _type(request, slug) if slug else types[0]
    url = f"/duplicates/{record_type.slug}"
    state = "different" if request.GET.get("state") == "different" else "open"
    found, after = pairs.page_of(actor, record_type, state, _after(request.GET.get("after", "")))
    more = {"after": f"{after[0]}.{after[1]}"} if after else {}
    words = {"state": state} if state != "open" else {}
    number = pairs.count(actor, record_type)
    context = {
        "title": _("Likely duplicates"),
        "url": url,
        "text": _text(number) if state == "open" else _("Pairs that somebody said are not the same."),
        "types": [
            {"label": one.plural[actor.language], "url": f"/duplicates/{one.slug}", "current": one is record_type}
            for one in types
        ],
        "states": [
            {"label": _("To look at"), "url": url, "current": state == "open"},
            {"label": _("Told apart"), "url": f"{url}?state=different", "current": state != "open"},
        ],
        "different": state != "open",
        "items": _items(actor, record_type, found),
        "empty_text": _("No likely duplicates.") if state == "open" else _("No pair was told apart."),
        "empty_help": _empty_help(actor, record_type) if state == "open" else "",
        "next_url": f"{url}?{urlencode(words | more)}" if more else None,
        "prev_url": None,
        "scan": _scan(actor, record_type, url),
        "merge_url": f"{url}/merge?least={SURE}" if number and state == "open" else "",
        "batch": _batch(actor, record_type),
        "idempotency": fresh_key(),
    }
    return page(request, "exchange/duplicates.html", page=context)


def _text(number: int) -> str:
    if not number:
        return ""
    if number >= MOST_COUNTED:
        return _("More than %(n)s pairs may be the same.") % {"n": MOST_COUNTED}
    return ngettext("%(n)s pair may be the same.", "%(n)s pairs may be the same.", number) % {"n": number}


def _empty_help(actor: Actor, record_type: RecordType) -> str:
    """What to do where there is none: new cards are compared as they come, those of before by a look."""
    if scan.latest(record_type.key) is not None or not actor.permits("settings"):
        return _("New and changed cards are compared by themselves.")
    return _("New and changed cards are compared by themselves. Look through the whole base once for those of before.")


def _items(actor: Actor, record_type: RecordType, found: list[Shown]) -> list[dict[str, Any]]:
    refs = [RecordRef(record_type.key, key) for one in found for key in (one.first, one.second)]
    names = cards(actor, refs)
    items = []
    for one in found:
        sides = [(key, names.get(RecordRef(record_type.key, key))) for key in (one.first, one.second)]
        if all(card is not None for _key, card in sides):
            items.append({
                "sides": [_side(record_type, key, card) for key, card in sides if card is not None],
                "score": one.score,
                "reasons": _reasons(actor, record_type, one), "compare_url": url_of(record_type, one.first, one.second),
                "first": one.first, "second": one.second,
            })  # fmt: skip
    return items


def _reasons(actor: Actor, record_type: RecordType, one: Shown) -> list[str]:
    return list(dict.fromkeys(told_by.reason(record_type, rule, actor.language) for rule in one.reasons))


def _side(record_type: RecordType, key: UUID, card: Card) -> dict[str, str]:
    return {"title": card.title, "sub": card.context, "url": f"/{record_type.slug}/{key}"}


def _scan(actor: Actor, record_type: RecordType, url: str) -> dict[str, Any]:
    """What the last look through the base says; its buttons for who may change settings."""
    last: Scan | None = scan.latest(record_type.key)
    running = last is not None and last.finished_at is None
    may = actor.permits("settings")
    told = ""
    if last is not None and last.finished_at is not None:
        told = _("The whole base was looked through last on %(day)s.") % {
            "day": moment_format(actor.language, now(), actor.timezone)(last.finished_at)
        }
    return {
        "running": running,
        "stage": "" if last is None else last.stage,
        # How many cards there are in all is told to who may begin the look, not to everybody who sees some of them.
        "done": last.done if last and may else 0,
        "total": last.total if last and may else 0,
        "text": told,
        "look_url": f"{url}/look" if may and not running else "",
        "stop_url": f"{url}/stop" if may and running else "",
    }


def _batch(actor: Actor, record_type: RecordType) -> dict[str, Any] | None:
    held = bulk.latest(actor, record_type)
    if held is None or held.state == "undone":
        return None
    refused = ngettext("%(n)s was left as it is.", "%(n)s were left as they are.", held.refused) % {"n": held.refused}
    return {
        "running": held.state == "running", "done": held.done + held.refused, "total": held.total,
        "text": refused if held.refused else "",
        "undo_url": f"/{record_type.slug}/bulk/undo?batch={held.pk}" if held.state == "done" and held.done else "",
    }  # fmt: skip


@require_POST
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: look through the whole base, in the background."""
    record_type = _type(request, slug)
    run(_actor(request), scan.StartScan(record_type.key), key=request.POST.get("idempotency", ""))
    return done(request, f"/duplicates/{slug}", _("The base is looked through in the background."))


@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: stop looking."""
    run(_actor(request), scan.StopScan(_type(request, slug).key))
    return done(request, f"/duplicates/{slug}", _("Stopped. What was found stays."))


@require_POST
def different(request: HttpRequest, slug: str) -> HttpResponse:
    """POST `first`, `second`: they are not the same."""
    record_type = _type(request, slug)
    one, other = (_key(request.POST.get(name)) for name in ("first", "second"))
    run(_actor(request), TellApart(record_type.key, one, other))
    return done(request, f"/duplicates/{slug}", _("Remembered: these two are not the same."))


@require_POST
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """POST `first`, `second`: ask again."""
    record_type = _type(request, slug)
    one, other = (_key(request.POST.get(name)) for name in ("first", "second"))
    run(_actor(request), TellApart(record_type.key, one, other, False))
    return done(request, f"/duplicates/{slug}", _("The two are in the list again."))


def merge_many(request: HttpRequest, slug: str) -> HttpResponse:
    """GET `least`: what a merge of all pairs from that score on would do. POST: do it."""
    actor, record_type = _actor(request), _type(request, slug)
    url = f"/duplicates/{slug}"
    given = whole_number((request.POST if request.method == "POST" else request.GET).get("least", "")) or SURE
    least = max(1, min(100, given))
    if request.method == "POST":
        try:
            post = request.POST
            held = bulk.start(actor, record_type, least, post.get("digest", ""), post.get("idempotency", ""))
        except Conflict as problem:
            return _planned(request, record_type, least, f"{problem.what} {problem.todo}")
        if held.state == "running":
            return done(
                request, url, _("The cards are merged in the background. A notice will tell when it is through.")
            )
        number = sum(len(held.arguments["merges"][str(UUID(hex=one))]) for one in held.arguments["ids"])
        text = ngettext("%(n)s card was merged.", "%(n)s cards were merged.", number) % {"n": number}
        if held.refused:
            text = _("Some could not be merged: changed meanwhile, or no right.")
        return done(request, url, text, f"/{slug}/bulk/undo?batch={held.pk}" if held.done else "")
    return _planned(request, record_type, least)


def _planned(request: HttpRequest, record_type: RecordType, least: int, said: str = "") -> HttpResponse:
    actor, url = _actor(request), f"/duplicates/{record_type.slug}"
    made = bulk.plan(actor, record_type, least)
    refs = [RecordRef(record_type.key, key) for kept, lost in made.merges.items() for key in (kept, *lost)]
    names = cards(actor, refs)
    groups = [
        {"kept": _side(record_type, kept, names[RecordRef(record_type.key, kept)]),
         "lost": [_side(record_type, one, names[RecordRef(record_type.key, one)])
                  | {"compare_url": url_of(record_type, kept, one)} for one in lost]}
        for kept, lost in made.merges.items()
    ]  # fmt: skip
    text = ngettext(
        "%(n)s card would become a part of another one.", "%(n)s cards would become parts of others.", made.number
    ) % {"n": made.number}
    context = {
        "title": _("Merge many at once"), "url": f"{url}/merge", "least": least, "text": text, "groups": groups,
        "said": said, "digest": made.digest,
        "left_out": _items(actor, record_type, list(made.left_out)),
        "back": {"url": url, "label": _("Likely duplicates")}, "idempotency": fresh_key(),
    }  # fmt: skip
    return page(request, "exchange/merge_many.html", 409 if said else 200, page=context)


def register() -> None:
    """The line in the menu."""
    registry.add(registry.NavItem(
        "duplicates", lambda: _("Duplicates"), "/duplicates", "users", lambda actor, seen: bool(types_of(actor)),
        order=90, group="team",
    ))  # fmt: skip
