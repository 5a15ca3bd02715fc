"""Every door through which a hidden card could show, as the snooper would try it."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from comity.records import conditions
from leaks import api_surfaces, exchange_surfaces, sales_surfaces
from leaks.tries import Try
from leaks.world import FRAGMENT, OWN, PHONE, World, type_of


def tries(world: World) -> Iterator[Try]:
    """All of them; routes of addresses that name a hidden card, and pages that could tell of one."""
    for key, record_type in ((key, type_of(key)) for key in world.visible):
        slug = record_type.slug
        yield from _lists(world, key, slug)
        yield from _direct(world, key, slug)
        yield from _own(world, key, slug)
    yield from _everywhere(world)
    yield from sales_surfaces.tries(world)
    yield from exchange_surfaces.tries(world)
    yield from api_surfaces.tries(world)


def _lists(world: World, key: str, slug: str) -> Iterator[Try]:
    record_type = type_of(key)
    yield Try("list", f"/{slug}/")
    yield Try("list without its slash", f"/{slug}")
    yield Try("sums", f"/{slug}/totals")
    yield Try("list of mine", f"/{slug}/?view=mine")
    every = urlencode([("match", "any")])
    yield Try("list, any filter", f"/{slug}/?{every}")
    for spec in record_type.specs:
        yield Try("list sorted", f"/{slug}/?sort={spec.key}")
        value = {"phones": PHONE[:5]}.get(spec.kind, FRAGMENT)
        for n, op in enumerate(conditions.operators(spec.kind)):
            where = json.dumps({"all": [{"field": spec.key, "op": op, "value": value}]})
            yield Try("JSON filter", f"/api/v1/{slug}?{urlencode({'where': where})}")
            query = urlencode({"match": "all", "f-0": spec.key, "op-0": op, "v-0": value})
            if n == 0:
                yield Try("list filtered", f"/{slug}/?{query}")
    yield Try("filter editor", f"/{slug}/filter?f-0=owner", fragment=True)
    yield Try("columns", f"/{slug}/columns", fragment=True)
    yield Try("order", f"/{slug}/sort", fragment=True)
    yield Try("new", f"/{slug}/new")
    yield Try("quick", f"/{slug}/new?quick=1", fragment=True)
    for name, hidden in _hidden_values(world, key):
        yield Try("new, a hidden card handed over", f"/{slug}/new?{name}={hidden}")
        yield Try("quick, a hidden card handed over", f"/{slug}/new?quick=1&{name}={hidden}", fragment=True)
        title = record_type.title_fields[0]
        yield Try("made with a hidden card", f"/{slug}/new", "post", ((title, "Plain made"), (name, hidden)))
        body = json.dumps({title: "Plain made", name: hidden})
        yield Try("made with a hidden card", f"/api/v1/{slug}", "post", json=body)
        for op in ("any", "none"):
            query = urlencode({"match": "all", "f-0": name, "op-0": op, "v-0": hidden})
            yield Try("list filtered by a hidden card", f"/{slug}/?{query}")
            where = json.dumps({"all": [{"field": name, "op": op, "value": [hidden]}]})
            yield Try("list filtered by a hidden card", f"/api/v1/{slug}?{urlencode({'where': where})}")
    yield Try("view form", f"/{slug}/views/new", fragment=True)
    for spec in record_type.specs:
        if spec.duplicate:
            name = f"{spec.key}-0-value" if spec.stored == "rows" else spec.key
            value = f"+7495{PHONE}" if spec.kind == "phones" else f"{FRAGMENT}dden {spec.key} 2"
            more = {f"{spec.key}-count": "1"} if spec.stored == "rows" else {}
            yield Try("duplicates", f"/{slug}/duplicates?{urlencode({name: value, **more})}", fragment=True)
    yield Try("trash", f"/trash?type={key}")
    for query in (FRAGMENT, PHONE[:5], f"{FRAGMENT}2@firm"):
        yield Try("lookup", f"/lookup/{key}?q={query}", fragment=True)
        yield Try("search of a type", f"/search?q={query}&type={key}")
        yield Try("JSON search", f"/api/v1/{slug}?q={query}")
    yield Try("lookup", f"/lookup/{key}", fragment=True)
    yield Try("JSON list", f"/api/v1/{slug}")
    where = json.dumps({"any": [{"field": record_type.title_fields[0], "op": "contains", "value": FRAGMENT}]})
    yield Try("JSON filter", f"/api/v1/{slug}?{urlencode({'where': where})}")


def _hidden_values(world: World, key: str) -> Iterator[tuple[str, str]]:
    """The fields of a type that point to cards, each with a hidden one."""
    for spec in type_of(key).specs:
        if spec.level != "write":
            continue
        if spec.kind == "link":
            yield spec.key, str(world.hidden[spec.target])
        elif spec.kind == "relation":
            yield spec.key, f"{spec.target}:{world.hidden[spec.target]}"
        elif spec.kind == "card":
            yield from ((spec.key, f"{other}:{one}") for other, one in world.hidden.items())


DIRECT_GET = ("", "/edit", "/tags", "/story", "/history", "/shares", "/open", "/links?kind=related&side=to")
DIRECT_POST = ("/edit", "/tags", "/trash", "/restore", "/pin", "/shares", "/open", "/links?kind=related&side=to")


def _direct(world: World, key: str, slug: str) -> Iterator[Try]:
    for one in (world.hidden[key], world.trashed[key]):
        for path in DIRECT_GET:
            yield Try("direct", f"/{slug}/{one}{path}", gone=True)
        for path in DIRECT_POST:
            yield Try("direct post", f"/{slug}/{one}{path}", "post", (("version", "1"),), gone=True)
        for spec in type_of(key).specs:
            if spec.level == "write":
                yield Try("direct field", f"/{slug}/{one}/fields/{spec.key}", gone=True)
        yield Try("JSON", f"/api/v1/{slug}/{one}", gone=True)
        yield Try("JSON story", f"/api/v1/{slug}/{one}/story", gone=True)
        yield Try("JSON trash", f"/api/v1/{slug}/{one}", "delete", gone=True)
        yield Try("JSON change", f"/api/v1/{slug}/{one}", "patch", gone=True, json=json.dumps({"version": 1}))
        yield Try("files", f"/{slug}/{one}/files", gone=True)
        if key == "person":
            yield from _consents(world, one)
        yield Try("note on it", f"/notes/{key}/{one}", "post", (("text", "x"),), gone=True)
        for relation in world.relations[: None if key == "deal" else 3]:
            yield Try("link away", f"/{slug}/{one}/links/{relation}/remove", "post", gone=True)
    forged = (("id", str(world.hidden[key])), ("sure", "1"))
    yield Try("bulk, forged ids", f"/{slug}/bulk/trash", "post", forged)
    yield Try("bulk, forged ids", f"/{slug}/bulk/owner", "post", (*forged, ("owner", str(world.snooper.user_id))))


def _consents(world: World, person: UUID) -> Iterator[Try]:
    """The journal of a person: read, written, an entry taken back under this person and under his own."""
    url = f"/people/{person}/consents"
    sent = (("purpose", "mail"), ("given", "0"), ("day", "2026-01-02"))
    yield Try("consents", url, gone=True)
    yield Try("consents opened", url, gone=True, fragment=True)
    yield Try("a consent", f"{url}/new", gone=True)
    yield Try("a consent", f"{url}/new", "post", sent, gone=True)
    for one in world.consents:
        for at in (person, world.visible["person"]):
            yield Try("a consent taken back", f"/people/{at}/consents/{one}/back", "post", gone=True)


def _own(world: World, key: str, slug: str) -> Iterator[Try]:
    mine = world.visible[key]
    for path in (
        "",
        "/edit",
        "/tags",
        "/story",
        "/story?kind=links",
        "/history",
        "/open",
        "/links?kind=related&side=to",
    ):
        yield Try("own card", f"/{slug}/{mine}{path}")
    for spec in type_of(key).specs:
        if spec.level == "write":
            yield Try("own field", f"/{slug}/{mine}/fields/{spec.key}")
            yield Try("own field", f"/{slug}/{mine}/fields/{spec.key}?show=1")
        yield Try("history of a field", f"/{slug}/{mine}/history?field={spec.key}")
    yield Try("files of own card", f"/{slug}/{mine}/files")
    if key == "person":
        for path in ("", "/new", "/new?all=1"):
            yield Try("consents of own card", f"/{slug}/{mine}/consents{path}")
        for file in world.files:
            sent = (("purpose", "mail"), ("given", "1"), ("day", "2026-01-02"), ("way", "paper"), ("file", str(file)))
            yield Try("a consent with a hidden sheet", f"/{slug}/{mine}/consents/new", "post", sent)
    yield Try("JSON own", f"/api/v1/{slug}/{mine}")
    yield Try("JSON own story", f"/api/v1/{slug}/{mine}/story")
    for other, hidden in world.hidden.items():
        yield Try("link to a hidden one", f"/{slug}/{mine}/links?kind=related&side=to", "post",
                  ((f"other-{other}", str(hidden)),))  # fmt: skip
    for name, value in _hidden_values(world, key):
        url = f"/{slug}/{mine}/fields/{name}"
        yield Try("own field given a hidden card", url, "post", ((name, value), ("version", "0")), fragment=True)
        yield Try("own field given a hidden card", f"/api/v1/{slug}/{mine}", "patch",
                  json=json.dumps({"version": 99, name: value}))  # fmt: skip
        # Somebody has put a hidden card there since: that clashes, and tells nothing of it.
        own = _own_pointer(world, key, name, value)
        yield Try("own field, meanwhile hidden", f"/api/v1/{slug}/{mine}", "patch",
                  json=json.dumps({"version": 1, name: own}))  # fmt: skip
        yield Try("own field, meanwhile hidden", url, "post", ((name, own), ("version", "1")))


def _own_pointer(world: World, key: str, name: str, value: str) -> str:
    """A card of his for the same field."""
    target = type_of(key).spec(name).target
    if ":" in value:
        return f"{target or 'company'}:{world.visible[target or 'company']}"
    return str(world.visible[target])


def _everywhere(world: World) -> Iterator[Try]:
    for query in (FRAGMENT, PHONE[:5], "again", f"{FRAGMENT} note"):
        yield Try("search", f"/search?{urlencode({'q': query})}")
        yield Try("palette", f"/palette?{urlencode({'q': query})}", fragment=True)
        yield Try("lookup of any card", f"/lookup/card?{urlencode({'q': query})}", fragment=True)
    yield Try("palette, nothing typed", "/palette?q=", fragment=True)
    yield Try("more", "/more")
    yield Try("help", "/help")
    yield Try("own board", f"/{type_of(OWN).slug}/board")
    yield Try("own board", f"/{type_of(OWN).slug}/board?part=totals", fragment=True)
    for key, one in world.hidden.items():
        address = (("address", f"/{type_of(key).slug}/{one}"), ("reason", "Plain reason"))
        yield Try("access asked for", f"/access/ask?address=/{type_of(key).slug}/{one}")
        yield Try("access asked for", "/access/ask", "post", address)
    yield Try("request for access", f"/access/requests/{world.others['request']}", gone=True)
    yield Try(
        "request for access", f"/access/requests/{world.others['request']}", "post", (("level", "view"),), gone=True
    )
    yield Try("notices", "/notices")
    yield Try("bell", "/notices?count=1", fragment=True)
    yield Try("trash", "/trash")
    for notice in world.notices:
        yield Try("notice", f"/notices/{notice}")
    for event in world.events:
        yield Try("undo", f"/undo/{event}", "post", gone=True)
    for one in world.files:
        yield Try("file", f"/files/{one}", gone=True)
        yield Try("file away", f"/files/{one}/remove", "post", gone=True)
        yield Try("kind of a file", f"/files/{one}/kind", gone=True)
    for one in world.notes:
        yield Try("note", f"/notes/{one}/edit", gone=True)
        yield Try("note away", f"/notes/{one}/remove", "post", gone=True)
