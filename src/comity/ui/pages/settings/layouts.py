"""Layouts: what of a card, a list, a board's card and the menu shows, for everybody, for a role, for a team."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes.bus import Result
from comity.changes.settings import DeleteSetting, SaveSetting, free_key, version_of
from comity.changes.settings_undo import UndoSetting
from comity.kernel.errors import NotFound
from comity.kernel.text import listed, whole_number
from comity.records.labels import Label
from comity.records.types import RecordType
from comity.ui import boards
from comity.ui.layouts import pieces
from comity.ui.layouts.fields import GROUPS, complete
from comity.ui.layouts.setting import SETTING, part_label
from comity.ui.layouts.shapes import LONGEST_HEADING
from comity.ui.layouts.state import EVERYBODY, MENU, OF_CARDS, Whose, held, roles_in_order
from comity.ui.models import Layout
from comity.ui.pages.settings import changed, kit, layout_preview
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.layout_shapes import PARTS, Shape, What, menu_items, posted
from comity.ui.render import done

KEY = "layouts"


@dataclass(frozen=True)
class Place:
    """What one address shapes: a part of a type (None: the menu), and whose it is."""

    type: RecordType | None
    part: str
    whose: Whose = EVERYBODY

    @property
    def item(self) -> str:
        """As it stands in addresses."""
        kind, key = self.whose
        type_key = self.type.key if self.type else MENU
        return f"{type_key}--{self.part}--{kind}{f'-{key.hex}' if key else ''}"

    @property
    def type_key(self) -> str:
        """Of the layout's row."""
        return self.type.key if self.type else ""

    def row(self) -> Layout | None:
        """Its layout in the base, if it has one of its own."""
        kind, key = self.whose
        wanted = {"role_id": key if kind == "role" else None, "team_id": key if kind == "team" else None}
        return Layout.objects.filter(type_key=self.type_key, part=self.part, **wanted).first()

    def other(self, **changes: Any) -> "Place":
        """The place beside it."""
        return Place(**{"type": self.type, "part": self.part, "whose": self.whose, **changes})


def parts_of(record_type: RecordType) -> list[str]:
    """The parts of a type that can be shaped."""
    return [one for one in OF_CARDS if one != "board" or boards.of(record_type) is not None]


def place_of(actor: Actor, item: str) -> Place:
    """Out of an address; raises NotFound."""
    type_key, _dashes, rest = item.partition("--")
    part, _dashes, who = rest.partition("--")
    state, record_type = actor.state, None
    if type_key != MENU:
        record_type = next((one for one in actor.state.types_on if one.key == type_key), None)
        if record_type is None:
            raise NotFound()
    part = part or (MENU if record_type is None else "card")
    if part not in (parts_of(record_type) if record_type else [MENU]):
        raise NotFound()
    kind, _dash, text = (who or "all").partition("-")
    if (kind, text) == ("all", ""):
        return Place(record_type, part)
    key = kit.key_of(text)
    if key not in {"role": state.roles, "team": state.teams}.get(kind, {}):
        raise NotFound()
    return Place(record_type, part, (kind, key))


def base_of(actor: Actor, place: Place) -> What:
    """What they see today: their own layout, else everybody's, else as delivered."""
    layouts = held(actor.state, place.type_key, place.part)
    return layouts.get(place.whose) or layouts.get(EVERYBODY) or PARTS[place.part].delivered(actor, place.type)


def whose_name(actor: Actor, whose: Whose) -> str:
    """Whose a layout is, in words."""
    kind, key = whose
    if key is None:
        return _("Everybody")
    if kind == "team":
        return actor.state.teams[key].name
    role: Role = actor.state.roles[key]
    return Label.of(role.name)[actor.language] or role.key


# --- what the page shows ---------------------------------------------------------------------------------------------


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return [_editor(request, place_of(actor_of(request), item))] if item else [_every(request)]


def _every(request: HttpRequest) -> Card:
    """The kinds of cards and the menu, each with whose layouts it has."""
    actor, rows = actor_of(request), []
    for one in actor.state.types_on:
        told = [_told(actor, one.key, part) for part in parts_of(one)]
        url = f"{LAYOUTS.url}/{one.key}"
        rows.append({"cells": [one.plural[actor.language], listed(filter(None, told), actor.language) or _delivered()],
                     "url": url})  # fmt: skip
    rows.append({"cells": [part_label(MENU), _told(actor, "", MENU) or _delivered()], "url": f"{LAYOUTS.url}/{MENU}"})
    columns = [_("What"), _("Own layouts")]
    return card("layouts", _("Layouts"), table={"caption": _("Layouts"), "columns": columns, "rows": rows})


def _delivered() -> str:
    return pgettext("a layout", "as delivered")


def _told(actor: Actor, type_key: str, part: str) -> str:
    layouts = [one for one in _known(actor) if one in held(actor.state, type_key, part)]
    names = listed((whose_name(actor, one) for one in layouts), actor.language)
    return f"{part_label(part)}: {names}" if names else ""


def _known(actor: Actor) -> list[Whose]:
    """Everybody, the roles in their order, the teams."""
    roles: list[Whose] = [("role", one.pk) for one in roles_in_order(actor.state)]
    return [EVERYBODY, *roles, *(("team", key) for key in actor.state.teams)]


def _editor(request: HttpRequest, place: Place) -> Card:
    actor, row = actor_of(request), place.row()
    typed: What | None = getattr(request, "typed_layout", None)
    what = typed if typed is not None else row.what if row else base_of(actor, place)
    shape = PARTS[place.part].shape(actor, place.type, what)
    actions = []
    if shape.own:
        actions.append(button(_("New heading"), act_url(KEY, "heading", place.item), icon="plus"))
    if row is not None:
        back = _("Back to as delivered") if place.whose == EVERYBODY else _("The same as for everybody")
        actions.append(button(back, act_url(KEY, "reset", place.item), method="post", icon="arrow-back-up"))
    made = card("layout", part_label(place.part), url=act_url(KEY, "save", place.item), actions=actions,
                version=version_of(row) if row else "")  # fmt: skip
    made["help"] = " ".join(filter(None, (_who_sees(actor, place, row), shape.help, order_told(actor))))
    made["layout"] = {
        "tick": shape.tick, "further": shape.further, "sections": _sections(place, shape),
        "parts": _parts(place), "whose": _whose(actor, place), "preview": layout_preview.html_of(actor, place, what),
        "preview_title": _("As they see it: %(who)s") % {"who": whose_name(actor, place.whose)},
    }  # fmt: skip
    return made


def _who_sees(actor: Actor, place: Place, row: Layout | None) -> str:
    if place.whose != EVERYBODY and row is None:
        return _("They see what everybody sees. Change something here, and they have a layout of their own.")
    return ""


def _sections(place: Place, shape: Shape) -> list[dict[str, Any]]:
    found = []
    keys = list(shape.sections)
    for n, (key, title) in enumerate(shape.sections.items()):
        items, lines = shape.of(key), []
        for one in items:
            choices = [{"value": to, "label": shape.sections[to]} for to in one.sections]
            lines.append({"key": one.key, "label": one.label, "on": one.on, "section": key,
                          "choices": choices if len(choices) > 1 else []})  # fmt: skip
        found.append({
            "key": key, "title": title, "items": lines, "own": shape.own, "first": not n, "last": n == len(keys) - 1,
            "rename_url": act_url(KEY, "heading", place.item, key=key), "removable": shape.own and key not in GROUPS,
        })  # fmt: skip
    return found


def _parts(place: Place) -> list[dict[str, Any]]:
    if place.type is None:
        return []
    return [{"label": part_label(one), "url": f"{LAYOUTS.url}/{place.other(part=one).item}",
             "current": one == place.part} for one in parts_of(place.type)]  # fmt: skip


def _whose(actor: Actor, place: Place) -> list[dict[str, Any]]:
    own = held(actor.state, place.type_key, place.part)
    return [
        {"label": whose_name(actor, one), "url": f"{LAYOUTS.url}/{place.other(whose=one).item}",
         "current": one == place.whose, "own": one in own}
        for one in _known(actor)
    ]  # fmt: skip


# --- what its forms do -----------------------------------------------------------------------------------------------


def _command(place: Place, row: Layout | None, what: What, version: str) -> SaveSetting:
    if row is not None:
        return SaveSetting(SETTING, {"what": what}, row.pk, version)
    kind, key = place.whose
    return SaveSetting(SETTING, {
        "type_key": place.type_key, "part": place.part, "role": key if kind == "role" else None,
        "team": key if kind == "team" else None, "what": what,
    })  # fmt: skip


def _undo_url(place: Place, result: Result) -> str:
    return act_url(KEY, "undo", place.item, event=str(result.event)) if result.event else ""


def _undo(request: HttpRequest, item: str) -> HttpResponse:
    """Take back what was just done here."""
    place = place_of(actor_of(request), item)
    command = UndoSetting(whole_number(request.GET.get("event", "")))
    return kit.press(request, f"{LAYOUTS.url}/{place.item}", command, _("Taken back."))


def _save(request: HttpRequest, item: str) -> HttpResponse:
    actor = actor_of(request)
    place = place_of(actor, item)
    row, part = place.row(), PARTS[place.part]
    before = row.what if row else base_of(actor, place)
    shape = part.shape(actor, place.type, before)
    posted(shape, request.POST)
    what = part.what(shape, before, request.POST)
    request.typed_layout = what  # type: ignore[attr-defined] # what was pressed stays, whatever becomes of it
    return kit.save(request, KEY, "layout", _command(place, row, what, request.POST.get("version", "")), place.item,
                    undo=lambda result: _undo_url(place, result))  # fmt: skip


def _reset(request: HttpRequest, item: str) -> HttpResponse:
    place = place_of(actor_of(request), item)
    row = place.row()
    url = f"{LAYOUTS.url}/{place.item}"
    if row is None:
        return done(request, url)
    result = kit.do(request, DeleteSetting(SETTING, row.pk))
    text = _("It looks as delivered again.") if place.whose == EVERYBODY else _("They see what everybody sees.")
    return done(request, url, text, _undo_url(place, result))


def _heading(request: HttpRequest, item: str) -> HttpResponse:
    """Name a heading of a card's fields, in every language: a new one, or one that is there."""
    actor = actor_of(request)
    place, key = place_of(actor, item), request.GET.get("key", "")
    if place.type is None or place.part != "card":
        raise NotFound()
    row = place.row()
    what = complete(place.type, row.what if row else base_of(actor, place))
    group = next((one for one in what["groups"] if one["key"] == key), None)
    if key and group is None:
        raise NotFound()
    query = {"key": key} if key else {}
    here = f"{LAYOUTS.url}/{place.item}"
    made = kit.form(
        _("Heading"), act_url(KEY, "heading", place.item, **query),
        kit.labels("label", _("Heading"), group["label"] if group else {}, limit=LONGEST_HEADING),
        back=LAYOUTS, submit=_("Save"), back_url=here,
        explain=_("A language left empty keeps the delivered name.") if key in GROUPS else "",
    )  # fmt: skip
    made["back"] = {"label": place.type.plural[actor.language], "url": here}

    def command() -> SaveSetting:
        names = kit.posted_labels(request, "label")
        taken = {one["key"] for one in what["groups"]} | set(GROUPS)
        named = {"key": key or free_key(names, "group", taken), "label": names,
                 "fields": group["fields"] if group else []}  # fmt: skip
        groups = [named if one is group else one for one in what["groups"]] if group else [*what["groups"], named]
        return _command(place, row, {**what, "groups": groups}, version_of(row) if row else "")

    def finish(result: Result) -> HttpResponse:
        return done(request, here, _("Saved"), _undo_url(place, result))

    return kit.fill_in(request, made, command, finish)


def _title(request: HttpRequest, item: str) -> str:
    place = place_of(actor_of(request), item)
    return place.type.plural[actor_of(request).language] if place.type else part_label(MENU)


def order_told(actor: Actor) -> str:
    """Which layout decides where several might."""
    names = [whose_name(actor, ("role", one.pk)) for one in roles_in_order(actor.state)]
    return _("Of several roles the first with a layout decides, in this order: %(roles)s. Who has none of them sees "
             "his team’s layout, else everybody’s.") % {"roles": listed(names, actor.language)}  # fmt: skip


def _words() -> dict[str, str]:
    return {"part": _("Part"), "what": _("Layout")}


def _told_what(actor: Actor, old: Any, new: Any) -> Iterator[changed.Told]:
    """The parts of a layout that are others now, by the labels of what they name."""
    before, after = old or {}, new or {}
    types = actor.state.types_on
    labels = {key: label for key, label, _group in menu_items(actor)}
    labels |= {one.key: one.label for kind in types for one in pieces.pieces(actor, kind)}
    labels |= {spec.key: spec.label[actor.language] for kind in types for spec in kind.specs}
    heads = {
        "groups": _("Order"), "folded": _("Behind “More”"), "order": _("Order"), "places": _("Places"),
        "hidden": _("Hidden"), "columns": _("Columns"), "sort": _("Sort by"), "fields": _("Lines of the card"),
    }  # fmt: skip

    def said(value: Any) -> str:
        if isinstance(value, str):
            return labels.get(value.removeprefix("-"), value) or "–"
        keys = [one for group in value for one in group["fields"]] if value and isinstance(value[0], dict) else value
        return listed((labels.get(key, key) for key in keys), actor.language) or "–"

    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name, ()), after.get(name, ())
        if was != now and name in heads:
            plain = isinstance(was, dict) or isinstance(now, dict)
            yield heads[name], "…" if plain else said(was), "…" if plain else said(now)


changed.add(SETTING, changed.Words(_words, lambda actor, name, value: part_label(value) if name == "part" else None,
                                   {"what": _told_what}))  # fmt: skip

LAYOUTS = kit.add(SettingsPage(
    KEY, lambda: _("Layouts"), "adjustments-horizontal", 153, _cards,
    {"save": _save, "reset": _reset, "heading": _heading, "undo": _undo}, permit="settings",
    words=lambda: _("order of fields, headings, columns of lists, lines of the board, menu, by role and team"),
    intro=lambda: _("What shows on cards, in lists, on boards and in the menu, and in which order: for everybody, and "
                    "otherwise for a role or a team. Rights stay as they are."),
    item_title=_title,
))  # fmt: skip
