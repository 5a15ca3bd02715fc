"""A change of settings in the reader's words: the fields by their labels, what stood there, what stands now."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access.actors import Actor
from comity.kernel import units
from comity.kernel.text import listed
from comity.records import conditions, modules
from comity.records.labels import LANGUAGES, Label
from comity.ui.names import accent_name, code_name, zone_name
from comity.ui.pages.settings.field_cards import MEGA
from comity.ui.pages.settings.fields import kind_label, required_label
from comity.ui.pages.settings.roles import action_label, level_label, permit_label, scope_label
from comity.ui.pages.settings.types import icon_label, menu_label
from comity.ui.render import Markup, icon

LONGEST = 60
# Nothing a person sets.
SILENT = frozenset({"key", "fold", "created_at", "last_login_at", "prefs", "demo", "made_at", "was_whole"})
NOTHING: tuple[Any, ...] = (None, "", [], {})
Told = tuple[str, str, str]


@dataclass(frozen=True)
class Words:
    """How a kind of setting of a room above tells its changes.

    labels  its columns' labels, where they are other than those of the house
    text    (reader, column, value) -> the value in words; None = as the house would say it
    parts   columns whose change is told in parts: (reader, old, new) -> label, what stood there, what stands now
    """

    labels: Callable[[], Mapping[str, str]]
    text: Callable[[Actor, str, Any], str | None] = lambda actor, name, value: None
    parts: Mapping[str, Callable[[Actor, Any, Any], Iterator[Told]]] = field(default_factory=dict)


_rooms: dict[str, Words] = {}


def add(setting: str, words: Words) -> None:
    """Register the words of a kind of setting."""
    _rooms[setting] = words


def labels(setting: str) -> dict[str, str]:
    """The label of each column of a settings table (of that key), as its form has it."""
    return {
        "name": pgettext("of a person", "Name") if setting == "user" else _("Name"),
        "label": _("Name"), "kind": _("Kind"), "type_key": _("Cards"),
        "help": _("Help"), "country": _("Country"), "timezone": _("Time zone"), "language": _("Language"),
        "languages": _("Languages"), "currency": _("Currency"), "currencies": _("Further currencies"),
        "accent_hue": _("Accent"), "hue": _("Colour"), "person_clients": _("People are clients themselves"),
        "day": _("From"), "rate": _("Worth"), "email": _("E-mail"), "job_title": _("Position"),
        "manager_id": _("Reports to"), "administrator": _("Administrator"), "active": _("Access"),
        "parent_id": _("Stands below"), "position": _("Place in the list"), "user_id": _("Colleague"),
        "team_id": _("Team"), "role_id": _("Role"), "owner_id": _("Owner"), "lead": _("Head"), "main": _("Main team"),
        "branch_id": _("Branch"), "permits": _("Further rights"), "forward": _("What the second is to the first"),
        "backward": _("What the first is to the second"), "shared": _("Everyone may use it"), "where": _("Filter"),
        "columns": _("Columns"), "sort": _("Sort by"), "unit": _("Counts"), "choices": _("Values to choose from"),
        "required": _("Must be filled"), "search": _("Found by the search"),
        "indexed": _("Quick to filter by in large lists"), "personal": _("Tells something about a person"),
        "archived_at": _("Archived"), "modules_off": _("Switched off"), "service": _("Program"), "edit": _("may edit"),
        "threshold": _("Likely from this score on"), "weights": _("Duplicates"), "list_key": _("List"),
        "part": _("Field"), **_of_fields(), **_of_types(), **(_rooms[setting].labels() if setting in _rooms else {}),
    }  # fmt: skip


def _of_fields() -> dict[str, str]:
    return {
        "target": _("Points to"), "several": _("Several values"), "accept": _("Endings of file names"),
        "max_size": _("Largest size, MB"), "begins": _("What a new card begins with"), "since": _("From where on"),
        "duplicate": _("The same value speaks for a duplicate"), "formula": _("Formula"),
        "keep_months": _("Archive when unused for so many months"),
    }  # fmt: skip


def _of_types() -> dict[str, str]:
    return {
        "slug": _("Address"), "plural": _("Several of them"), "icon": _("Icon"), "menu": _("Stands in the menu under"),
        "name_label": _("What the name of a card is called"), "board_by": _("Columns of the board"),
    }  # fmt: skip


def changes_html(actor: Actor, payload: Any) -> Markup:
    """ "Name: Example → Renamed", a line for each change."""
    parts = []
    for label, old, new in _all(actor, payload.get("setting", ""), payload.get("changes", {})):
        parts.append(
            Markup('<span class="chg"><span class="mute">{}:</span> <bdi>{}</bdi> {} <bdi>{}</bdi></span>').format(
                label, old, icon("arrow-right", "s flip"), new
            )
        )
    return Markup("").join(parts)


def _all(actor: Actor, setting: str, changes: dict[str, list[Any]]) -> Iterator[Told]:
    words, room = labels(setting), _rooms.get(setting)
    for name, (old, new) in changes.items():
        if room and name in room.parts:
            yield from ((label, _short(was), _short(now)) for label, was, now in room.parts[name](actor, old, new))
            continue
        if name in ("grants", "fields"):
            yield from _rights(actor, name, old or {}, new or {})
        elif name not in SILENT:
            yield words.get(name, name), _word(actor, name, old, room), _word(actor, name, new, room)


def _rights(actor: Actor, name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Told]:
    """The scopes of a role's actions (`grants`) or the levels of its fields (`fields`) that are others now."""
    for type_key in dict.fromkeys([*old, *new]):
        record_type = actor.state.record_types.get(type_key)
        cards = record_type.plural[actor.language] if record_type else _("All kinds of cards")
        labelled = {spec.key: spec.label[actor.language] for spec in record_type.specs} if record_type else {}
        before, after = old.get(type_key, {}), new.get(type_key, {})
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) == after.get(key):
                continue
            what = action_label(key) if name == "grants" else labelled.get(key, key)
            said = scope_label if name == "grants" else level_label
            was, now = (said(held[key]) if key in held else "–" for held in (before, after))
            yield f"{cards}: {what}", was, now


def _word(actor: Actor, name: str, value: Any, room: Words | None = None) -> str:
    """A value in words, at most LONGEST characters."""
    if value in NOTHING:
        return "–"
    told = room.text(actor, name, value) if room else None
    return _short(_text(actor, name, value) if told is None else told)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _text(actor: Actor, name: str, value: Any) -> str:
    language, state = actor.language, actor.state
    if isinstance(value, bool) or name == "archived_at":
        return _("yes") if value else _("no")
    if name.endswith("_id"):
        held: Any = {
            "team_id": state.teams, "parent_id": state.teams, "role_id": state.roles,
            "branch_id": state.parts["branches"],
        }.get(name, state.users)  # fmt: skip
        found = held.get(UUID(str(value)))
        name_of = getattr(found, "name", "?")
        return Label.of(name_of)[language]
    if name in ("country", "language", "currency"):
        return code_name(name, str(value), language)
    if name == "timezone":
        return zone_name(str(value), language)
    if name in ("languages", "currencies"):
        kind = {"currencies": "currency"}.get(name, name)
        return listed((code_name(kind, one, language) for one in value), language)
    if name == "accent_hue":
        return accent_name(value)
    if name == "hue":
        return _("Colour %(number)s") % {"number": value}
    if name == "modules_off":
        return listed((one.label() for one in modules.every() if one.key in value), language)
    if name == "permits":
        return listed(map(permit_label, value), language)
    if name == "choices":
        return listed((Label.of(one["label"])[language] for one in value), language)
    return _word_of_field(actor, name, value)


def _word_of_field(actor: Actor, name: str, value: Any) -> str:
    if name == "kind":
        return kind_label(value)
    if name == "unit":
        return str(units.get(value).label)
    if name == "required":
        return required_label(value)
    if name == "max_size":
        return str(value // MEGA)
    if name in ("icon", "menu"):
        return icon_label(value) if name == "icon" else menu_label(value)
    if name == "type_key" and value in actor.state.record_types:
        return actor.state.record_types[value].plural[actor.language]
    if name == "sort":
        label, falling = _field_name(actor, value.removeprefix("-")), value.startswith("-")
        return listed((label, _("falling") if falling else ""), actor.language)
    if name == "columns":
        return listed((_field_name(actor, key) for key in value), actor.language)
    if name == "where":  # by what cards are chosen; how, its own page says
        asked = (str(leaf["field"]).partition(".")[0] for leaf in conditions.leaves(value))
        return listed(dict.fromkeys(_field_name(actor, key) for key in asked), actor.language)
    if isinstance(value, dict) and set(value) <= set(LANGUAGES):
        return Label.of(value)[actor.language]
    return "…" if isinstance(value, dict | list) else str(value)


def _field_name(actor: Actor, key: str) -> str:
    """The label of a list's column; a field of that key is called the same on all kinds of cards that have it."""
    if key == "title":
        return _("Name")
    specs = [spec for one in actor.state.record_types.values() for spec in one.specs if spec.key == key]
    return specs[0].label[actor.language] if specs else key
