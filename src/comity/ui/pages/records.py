"""The record page of any type: details, story, linked."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import merging
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import linked_refs
from comity.changes.undo import Undo
from comity.changes.writer import current
from comity.identity.models import hue_of, initials
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound
from comity.kernel.text import comma
from comity.records import kinds
from comity.records.erased import named
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.story import Titles
from comity.ui import cells, panels, registry, render, story
from comity.ui.layouts import pieces
from comity.ui.layouts.fields import GROUPS, Group, grouped
from comity.ui.layouts.state import What
from comity.ui.layouts.state import of as layout_of
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import done, fragment, page
from comity.ui.values import value_html


def record(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the card. A card in the trash shows to those who may restore it; of one that was merged the other shows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    try:
        card = find(actor, record_type, record_id)
    except NotFound:
        into = merging.successor(record_type.key, record_id)  # a card he does not see answers as if it were not there
        if into is None or policy.find(actor, record_type, into) is None:
            raise
        return redirect(f"/{record_type.slug}/{into}")
    return page(request, "ui/record.html", rec=context(request, actor, record_type, card))


def find(actor: Actor, record_type: RecordType, record_id: UUID) -> Any:
    """The card, out of the trash too for those who may restore it; NotFound."""
    return policy.find(actor, record_type, record_id) or policy.get(actor, record_type, record_id, "restore")


def context(request: HttpRequest, actor: Actor, record_type: RecordType, card: Any) -> dict[str, Any]:
    """`rec` of docs/ui-templates.md."""
    language = actor.language
    url = f"/{record_type.slug}/{card.id}"
    values = card.__dict__["_values"] = current(record_type, card)  # for blocks: nothing is read twice
    trashed = card.deleted_at is not None
    may_edit = not trashed and panels.may_edit(actor, record_type, card)
    ref = RecordRef(record_type.key, card.id)
    kind = request.GET.get("kind", "")
    read = story.read_ahead(actor, ref, kind)
    related = panels.related(actor, record_type, card, [*linked_refs(record_type, values), *(read.refs - {ref})])
    titles = related.titles
    values = as_seen(record_type, values, titles)
    ctx = cell_context(actor, record_type, card, values, titles)
    title = (record_type.display(values, language) if record_type.display else "") or named(card.title, language)
    what = layout_of(actor, record_type.key, "panels")
    linked = panels.linked(actor, record_type, card, may_edit, related, what)
    parts = _parts({} if trashed else blocks(request, record_type, card, what), linked, what)
    modes = [] if trashed else composer_modes(request, record_type, card)
    return {
        "type": {"key": record_type.key, "label": record_type.label[language],
                 "label_plural": record_type.plural[language], "icon": record_type.icon,
                 "url": f"/{record_type.slug}/"},
        "id": str(card.id),
        "version": card.version,
        "title": title,
        "initials": initials(title),
        "hue": hue_of(card.id),
        "company": record_type.company_shape,
        "context_line": context_line(record_type, values, ctx),
        "actions": actions(actor, record_type, card, values),
        "back": {"url": f"/{record_type.slug}/", "label": record_type.plural[language]},
        "groups": groups(actor, record_type, values, ctx, url, may_edit),
        "edit_url": f"{url}/edit" if may_edit else None,
        "tags": tags(actor, record_type, values, url, may_edit),
        "composer": {"modes": modes} if modes else None,
        "story": story.context(actor, record_type, ref, card.title, kind, 0, read, titles),
        "linked": parts.pop(pieces.BESIDE),
        "linked_count": sum(len(entry.get("items") or ()) for entry in linked),
        "menu": menu(actor, record_type, card, values, url, may_edit),
        "blocks": parts,
        "pin": {"url": f"{url}/pin", "on": [record_type.key, str(card.id)] in actor.member.prefs.get("pinned", [])},
        "trashed": {"text": _("This card lies in the trash."), "restore_url": f"{url}/restore"} if trashed else None,
        "live": {"card": (record_type.key, card.id), "story": f"{record_type.key}:{card.id}",
                 "fields": f"{record_type.key}:{card.id}", "url": url},
    }  # fmt: skip


def as_seen(record_type: RecordType, values: dict[str, Any], titles: Titles) -> dict[str, Any]:
    """A card's values as its reader may know them: a link to a card he does not see is empty."""
    return values | {spec.key: kinds.seen(spec, values[spec.key], titles.__contains__) for spec in record_type.links}


def cell_context(
    actor: Actor, record_type: RecordType, card: Any, values: dict[str, Any], titles: Titles | None = None
) -> cells.CellContext:
    """What the values of one card need: titles of linked cards, unless they are known."""
    if titles is None:
        titles = policy.titles(actor, linked_refs(record_type, values))
    return cells.CellContext(
        actor, now(), render.sprite(), links={(ref.type, ref.id): title for ref, title in titles.items()}
    )


def context_line(record_type: RecordType, values: dict[str, Any], ctx: cells.CellContext) -> render.Markup:
    """The line under the name: the same fields as a list's second line, links alive; not what the name says itself."""
    parts = []
    title = record_type.title(values, ctx.language)[0]
    for key in record_type.context_fields:
        spec = record_type.spec(key)
        if policy.level(ctx.actor, record_type, spec) not in ("read", "write"):
            continue
        if key in record_type.title_fields and values[key] == title:
            continue
        if spec.kind == "address":
            city = (values[key] or {}).get("city", "")
            parts.append(render.Markup('<span dir="auto">{}</span>').format(city) if city else "")
        else:
            parts.append(value_html(spec, "read", values[key], ctx))
    return render.Markup(comma(ctx.language)).join(part for part in parts if part)


def field_context(
    actor: Actor,
    record_type: RecordType,
    spec: FieldSpec,
    level: str,
    values: dict[str, Any],
    ctx: cells.CellContext,
    url: str,
    may_edit: bool,
) -> dict[str, Any]:
    """One label and value of the details, `values` the whole card's; a link `ctx` has no title of is empty."""
    value = kinds.seen(spec, values[spec.key], lambda ref: (ref.type, ref.id) in ctx.links)
    editable = may_edit and level == "write"
    return {
        "key": spec.key,
        "label": spec.label[actor.language],
        "html": value_html(spec, level, value, ctx, values),
        "empty": kinds.empty(value),
        "editable": editable,
        "edit_url": f"{url}/fields/{spec.key}" if editable else None,
        "masked": level == "mask",
        "kind": spec.kind,
    }  # fmt: skip


def groups(
    actor: Actor, record_type: RecordType, values: dict[str, Any], ctx: cells.CellContext, url: str, may_edit: bool
) -> list[dict[str, Any]]:
    """The details by group; fields he may not see are not there."""
    specs = []
    levels = dict[str, str]()
    for spec, level in policy.shown_fields(actor, record_type):
        if spec.kind == "tags" or spec.group == "aside":
            continue
        if spec.extra.get("later") and kinds.empty(values[spec.key]):
            continue
        if spec.key in record_type.title_fields and not may_edit and not values[spec.key]:
            continue
        if spec.level == "read" and spec.group != "system" and kinds.empty(values[spec.key]):
            continue  # what the house has not written yet asks nobody for anything
        specs.append(spec)
        levels[spec.key] = level
    what = layout_of(actor, record_type.key, "card")
    found = grouped(specs, what)
    if what is None:
        found.sort(key=_delivered_place)

    def drawn(fields: list[FieldSpec]) -> list[dict[str, Any]]:
        return [field_context(actor, record_type, spec, levels[spec.key], values, ctx, url, may_edit)
                for spec in fields]  # fmt: skip

    return [
        {"key": one.key, "label": one.label[actor.language] if one.label else one.key, "fields": drawn(one.fields),
         "folded": drawn(one.folded)}
        for one in found if one.fields or one.folded
    ]  # fmt: skip


def _delivered_place(group: Group) -> int:
    keys = list(GROUPS)
    return keys.index(group.key) if group.key in keys else len(keys)


def tags(
    actor: Actor, record_type: RecordType, values: dict[str, Any], url: str, may_edit: bool
) -> dict[str, Any] | None:
    """The tags below the details."""
    level = policy.level(actor, record_type, record_type.spec("tags"))
    if level not in ("read", "write"):
        return None
    known = actor.state.tags
    return {
        "items": [
            {"label": known[key].name, "hue": known[key].hue,
             "url": f"/{record_type.slug}/?match=all&f-0=tags&op-0=any&v-0={key}"}
            for key in values["tags"] if key in known
        ],
        "edit_url": f"{url}/tags" if may_edit and level == "write" else None,
    }  # fmt: skip


def blocks(
    request: HttpRequest, record_type: RecordType, card: Any, what: What | None
) -> dict[str, list[dict[str, Any]]]:
    """The parts of the page that rooms above add, by the place they come delivered in; not what a layout hides."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found: dict[str, list[dict[str, Any]]] = {"head": [], "flow": []}
    off = pieces.hidden(what)
    for block in registry.for_type(registry.blocks, record_type, actor):
        made = None if pieces.block_key(block.key) in off else block.load(request, record_type, card)
        if made is not None:
            live = [f"{record_type.key}:{card.id}", *sorted(block.depends)]
            found[block.place].append({"key": block.key, "html": made, "live": " ".join(live)})
    return found


def _parts(
    blocks: dict[str, list[dict[str, Any]]], linked: list[dict[str, Any]], what: What | None
) -> dict[str, list[dict[str, Any]]]:
    """Blocks and panels by place and in order: as they come, or as a layout has them."""
    found = [(pieces.block_key(one["key"]), place, one) for place, held in blocks.items() for one in held]
    found += [(pieces.panel_key(one["key"]), pieces.BESIDE, one | {"panel": True}) for one in linked]
    parts = pieces.arranged(found, what, lambda one: one[0], lambda one: one[1])
    return {place: [entry for _key, _place, entry in held] for place, held in parts.items()}


def registered(
    actor: Actor, record_type: RecordType, card: Any, values: dict[str, Any], place: str
) -> list[dict[str, Any]]:
    """The actions rooms above offer at that place."""
    if card.deleted_at is not None:
        return []
    sets = [one for one in registry.for_type(registry.actions, record_type, actor) if one.place == place]
    return [entry for one in sets for entry in one.load(actor, record_type, card, values)]


def actions(actor: Actor, record_type: RecordType, card: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    """What rooms above offer; call and write, only with what he reads in clear; then what is offered `last`."""
    offered = registered(actor, record_type, card, values, "head")
    found = [one for one in offered if not one.get("last")]
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    if "phones" in readable and values.get("phones"):
        found.append({"label": _("Call"), "icon": "phone", "href": f"tel:{values['phones'][0]['value']}"})
    if "emails" in readable and values.get("emails"):
        found.append({"label": _("E-mail"), "icon": "mail", "href": f"mailto:{values['emails'][0]['value']}"})
    return found + [one for one in offered if one.get("last")]


def menu(
    actor: Actor, record_type: RecordType, card: Any, values: dict[str, Any], url: str, may_edit: bool
) -> list[dict[str, Any]]:
    """What else can be done with the card."""
    found = registered(actor, record_type, card, values, "menu")
    if may_edit:
        found.append({"label": _("Edit all fields"), "icon": "pencil", "url": f"{url}/edit", "method": "get"})
    found.append({"label": _("History of fields"), "icon": "history", "url": f"{url}/history", "method": "get"})
    if card.deleted_at is None:
        if policy.may(actor, record_type, card, "share"):
            found.append({"label": _("Share"), "icon": "user-share", "url": f"{url}/shares", "method": "get",
                          "dialog": True})  # fmt: skip
            found.append({"label": _("Open for a time"), "icon": "clock", "url": f"{url}/open", "method": "get",
                          "dialog": True})  # fmt: skip
        if policy.may(actor, record_type, card, "delete"):
            found.append({"label": _("Into the trash"), "icon": "trash", "url": f"{url}/trash", "method": "post",
                          "danger": True})  # fmt: skip
    return found


def composer_modes(request: HttpRequest, record_type: RecordType, card: Any) -> list[dict[str, Any]]:
    """The modes rooms above registered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = []
    for mode in registry.for_type(registry.composers, record_type, actor):
        form_html = mode.form(request, record_type, card)
        if form_html is not None:
            found.append({"key": mode.key, "label": mode.label(), "icon": mode.icon, "form_html": form_html})
    return found


def story_page(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the story alone: filtered, or its next page (`before`)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = find(actor, record_type, record_id)
    before = request.GET.get("before", "")
    told = story.context(
        actor, record_type, RecordRef(record_type.key, card.id), card.title, request.GET.get("kind", ""),
        int(before) if before.isdecimal() and len(before) < 18 else 0,
    )  # fmt: skip
    if not render.is_fragment(request):
        rec = context(request, actor, record_type, card)
        return page(request, "ui/record.html", rec=rec | {"story": told})
    template = "ui/fragments/story_more.html" if before else "ui/fragments/story.html"
    return fragment(request, template, story=told)


@require_POST
def undo(request: HttpRequest, event_id: int) -> HttpResponse:
    """POST: take one event back and show its card."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    event = Event.objects.filter(pk=event_id).first()
    try:
        result = run(actor, Undo(event_id), key=f"undo-{event_id}-{request.POST.get('idempotency', '')}"[:80])
    except Conflict as problem:
        problem.todo = who_touched(actor, problem, event)
        raise
    record_type = actor.state.record_types.get(result.record.type)
    url = f"/{record_type.slug}/{result.record.id}" if record_type else "/"
    if record_type and not policy.visible(actor, record_type).filter(pk=result.record.id).exists():
        url = f"/{record_type.slug}/"
    return done(request, url, _("Taken back."))


def who_touched(actor: Actor, problem: Conflict, event: Event | None) -> str:
    """Who changed which field since, in words."""
    record_type = actor.state.record_types.get(event.primary_type) if event else None
    lines = []
    for key, (user, _at) in ((problem.current or {}).get("who") or {}).items():
        member = next((one for known, one in actor.state.users.items() if str(known) == user), None)
        if record_type is not None:
            label = record_type.spec(key).label[actor.language]
            lines.append(_("%(who)s changed “%(field)s”.") % {"who": member.name if member else "?", "field": label})
    return " ".join([*lines, str(problem.todo)])


@require_POST
def pin(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """POST: pin the card to the menu, or take it off."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id)
    held = [list(one) for one in actor.member.prefs.get("pinned", [])]
    mark = [record_type.key, str(card.id)]
    pinned = [one for one in held if one != mark] if mark in held else [*held, mark][-8:]
    run(actor, SavePreferences({"pinned": pinned}))
    return done(request, f"/{slug}/{record_id}")
