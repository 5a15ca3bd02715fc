"""The story of a card as the page shows it: by day, big items with a box, system events as one quiet line."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.undo import undoable
from comity.identity.models import initials
from comity.kernel.clock import now
from comity.kernel.text import comma, listed
from comity.records import relations
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.story import NO_TITLES, Ahead, Titles, Told, ahead, story
from comity.ui import cells, registry, render
from comity.ui.values import json_html

KINDS = ("notes", "tasks", "changes", "links", "files")
MOST_CHANGES = 4  # fields of one event that are told at once


def kind_labels() -> dict[str, str]:
    """The words on the filter chips; the first one takes all."""
    return {
        "": _("All"), "notes": _("Notes"), "tasks": _("Tasks"), "changes": _("Changes"), "links": _("Links"),
        "files": _("Files"),
    }  # fmt: skip


def context(
    actor: Actor, record_type: RecordType, ref: RecordRef, title: str, kind: str, before: int,
    read: Ahead | None = None, titles: Titles = NO_TITLES,
) -> dict[str, Any]:  # fmt: skip
    """`rec.story` of docs/ui-templates.md; `read` is what was read `ahead`, with the titles it wants."""
    kind = kind if kind in KINDS else ""
    told, more = story(actor, ref, _kinds(kind), before, read=read, titles=titles)
    url = f"/{record_type.slug}/{ref.id}/story"
    suffix = f"&kind={kind}" if kind else ""
    return {
        "url": f"{url}?kind={kind}" if kind else url,
        "live": f"{ref.type}:{ref.id}",
        "filters": [
            {"key": one, "label": label, "url": f"{url}?kind={one}" if one else url, "current": one == kind}
            for one, label in kind_labels().items()
        ],
        "days": days(actor, ref, title, told),
        "more_url": f"{url}?before={more}{suffix}" if more else None,
    }


def read_ahead(actor: Actor, ref: RecordRef, kind: str) -> Ahead:
    """The events the story of a kind begins with, for a page that asks for all its titles at once."""
    return ahead(actor, ref, _kinds(kind))


def _kinds(kind: str) -> frozenset[str]:
    return frozenset([kind]) if kind in KINDS else frozenset()


def days(actor: Actor, ref: RecordRef, title: str, told: Sequence[Told]) -> list[dict[str, Any]]:
    """The items under their days."""
    zone = ZoneInfo(actor.timezone)
    moment = now()
    titles = told[0].titles if told else {}
    links = {(one.type, one.id): name for one, name in titles.items()} | {(ref.type, ref.id): title}
    ctx = cells.CellContext(actor, moment, render.sprite(), links=links)
    bodies = _bodies(actor, told)
    grouped: dict[date, list[dict[str, Any]]] = {}
    for one in told:
        local = _moment(one).astimezone(zone)
        grouped.setdefault(local.date(), []).append(item(actor, ref, one, local, ctx, bodies))
    today = moment.astimezone(zone).date()
    return [{"label": day_label(day, today, actor.language), "items": items} for day, items in grouped.items()]


def _moment(one: Told) -> datetime:
    """When it was: of a note that an import brought along, when it was written elsewhere."""
    original = one.payload.get("original") if one.type.key == "note.written" else None
    return datetime.fromisoformat(original) if original else one.event.at


def day_label(day: date, today: date, language: str) -> str:
    """Today, yesterday, else the date."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    pattern = f"EEEE{comma(language)}d MMMM" if day.year == today.year else "d MMMM y"
    return cells.written_day(day, pattern, language)


def _bodies(actor: Actor, told: Sequence[Told]) -> dict[int, Markup]:
    by_loader: dict[registry.Bodies, list[Told]] = {}
    for one in told:
        loader = registry.bodies.get(one.type.key)
        if loader is not None:
            by_loader.setdefault(loader, []).append(one)
    found: dict[int, Markup] = {}
    for loader, items in by_loader.items():
        found.update(loader(actor, items))
    return found


def item(
    actor: Actor, ref: RecordRef, one: Told, local: datetime, ctx: cells.CellContext, bodies: dict[int, Markup]
) -> dict[str, Any]:
    """One event."""
    author = UUID(one.payload["author"]) if "author" in one.payload else one.event.actor_id
    member = actor.state.users.get(author) if author else None
    who = member.name if member else _("Comity")
    elsewhere = RecordRef(one.event.primary_type, one.event.primary_id) != ref
    text = escape(one.type.text(one.payload, actor))
    if one.event.type != "record.created" and not one.type.says_all:
        detail = changes_html(actor, one, ctx) if "changes" in one.payload else relation_html(actor, ref, one, ctx)
        text = text + " " + detail if detail else text
    if elsewhere and one.primary_title and "to" not in one.payload:
        record_type = actor.state.record_types[one.event.primary_type]
        url = f"/{record_type.slug}/{one.event.primary_id}"
        link = Markup('<a class="u" href="{}" dir="auto">{}</a>').format(url, one.primary_title)
        if one.event.type == "record.created":
            text = Markup("{} {}").format(_("New: %(what)s") % {"what": record_type.label[actor.language]}, link)
        else:
            text = Markup("{}: {}").format(link, text)
    return {
        "id": one.event.id,
        "kind": "big" if one.type.big else "system",
        "icon": one.type.icon,
        "tone": one.type.tone,
        "who": who,
        "initials": initials(who),
        "text": text,
        "time": f"{local.hour:02}:{local.minute:02}",
        "iso": local.isoformat(timespec="seconds"),
        "body": bodies.get(one.event.id),
        "undo_url": f"/undo/{one.event.id}" if undoable(one.event) and not elsewhere else None,
    }


def changes_html(actor: Actor, one: Told, ctx: cells.CellContext) -> Markup:
    """ "Status: Prospect → Customer" for each changed field, as far as MOST_CHANGES reaches."""
    record_type = actor.state.record_types.get(one.event.primary_type)
    if record_type is None:
        return Markup("")
    known = _known(actor, record_type)
    told = [
        (*known[key], change) for key, change in one.payload["changes"].items()
        if key in known and key != "team" and key not in one.type.said
    ]  # fmt: skip
    nothing, arrow = Markup('<span class="mute">–</span>'), render.icon("arrow-right", "s flip")
    parts = []
    for spec, level, change in told[:MOST_CHANGES]:
        before, after = (json_html(spec, level, value, ctx, actor) or nothing for value in change)
        parts.append(
            Markup('<span class="chg"><span class="mute" dir="auto">{}:</span> {} {} {}</span>').format(
                spec.label[actor.language], before, arrow, after
            )
        )
    shown, more = Markup(" ").join(parts), len(told) - MOST_CHANGES
    return shown + Markup(' <span class="mute">+{}</span>').format(more) if more > 0 else shown


def _known(actor: Actor, record_type: RecordType) -> dict[str, tuple[FieldSpec, str]]:
    """The fields he is shown by key, with their levels; worked out once for all events."""
    held: dict[str, tuple[FieldSpec, str]] | None = actor.derived.get(("story", record_type.key))
    if held is None:
        shown = policy.shown_fields(actor, record_type)
        held = actor.derived["story", record_type.key] = {spec.key: (spec, level) for spec, level in shown}
    return held


def relation_html(actor: Actor, ref: RecordRef, one: Told, ctx: cells.CellContext) -> Markup:
    """The other card of a relation and its roles."""
    if "to" not in one.payload:
        return Markup("")
    type_key, key = one.payload["to"]
    to_ref = RecordRef(type_key, UUID(key))
    here = ref == to_ref
    other = RecordRef(one.event.primary_type, one.event.primary_id) if here else to_ref
    title = one.primary_title if here else ctx.links.get((other.type, other.id), "")
    record_type = actor.state.record_types.get(other.type)
    if not title or record_type is None:
        return Markup("")
    kind = relations.get(actor.state.relation_kinds, one.payload["kind"])
    roles = (one.payload.get("after") or one.payload.get("before") or ["", ""])[0]
    words = [role.label[actor.language] for key in roles.split("|") if kind and (role := kind.role(key))]
    link = Markup('<a class="u" href="/{}/{}" dir="auto">{}</a>').format(record_type.slug, other.id, title)
    said = listed(words, actor.language)
    return link + Markup(' <span class="mute" dir="auto">({})</span>').format(said) if said else link
