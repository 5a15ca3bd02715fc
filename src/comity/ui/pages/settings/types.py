"""Kinds of cards made by the administrator: "Property", "Vehicle", with a list, a board and all else cards have."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.custom_types import ICONS, MENUS, board_fields, free_slug
from comity.changes.formula_fields import KIND as FORMULA
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, free_key, version_of
from comity.kernel.errors import NotFound
from comity.records.fields import OWN
from comity.records.labels import Label
from comity.records.models import CustomField, CustomType
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.fields import kind_label
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.roles import action_label, scope_label
from comity.ui.render import done


def icon_label(icon: str) -> str:
    """An icon in words."""
    return {
        "box": _("Box"), "home": _("House"), "building": _("Building"), "car": _("Car"),
        "truck": _("Lorry"), "tool": _("Tool"), "device-laptop": _("Computer"), "package": _("Parcel"),
        "map-pin": _("Place"), "calendar-event": _("Calendar"), "users": _("People"), "id-badge": _("Badge"),
        "star": _("Star"), "tag": _("Tag"), "coin": _("Coin"), "note": _("Note"), "key": _("Key"),
        "target": _("Target"),
    }[icon]  # fmt: skip


def menu_label(menu: str) -> str:
    """A heading of the menu in words."""
    return {"clients": _("Clients"), "sales": _("Sales"), "team": _("Team")}[menu]


def _row(item: str) -> CustomType:
    found = CustomType.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _row(item)) if item else _every(request)


def _every(request: HttpRequest) -> list[Card]:
    """Those in use, and those in the archive."""
    language = actor_of(request).language
    used: list[dict[str, Any]] = []
    archived: list[dict[str, Any]] = []
    for row in CustomType.objects.order_by("position", "id"):
        cells = [Label.of(row.plural)[language], f"/{row.slug}/"]
        (used if row.archived_at is None else archived).append({"cells": cells, "url": f"{TYPES.url}/{row.pk}"})
    columns = [_("Kind of card"), _("Address")]
    new = button(_("New kind of card"), act_url("types", "new"), icon="plus", primary=True)
    cards = [card(
        "own", _("Own kinds of cards"), actions=[new],
        table={"caption": _("Own kinds of cards"), "columns": columns, "rows": used},
        help=_("Whatever else you keep cards of: properties, vehicles, machines. Each has its own list and rights."),
    )]  # fmt: skip
    if archived:
        table = {"caption": _("Archived"), "columns": columns, "rows": archived}
        cards.append(card("archived", _("Archived"), table=table))
    return cards


def _item_cards(request: HttpRequest, row: CustomType) -> list[Card]:
    actor, key, version = actor_of(request), str(row.pk), version_of(row)
    if row.archived_at is not None:
        back = button(_("Take back into use"), act_url("types", "restore", key), method="post", icon="arrow-back-up")
        return [card("gone", _("Archived"), actions=[back],
                     help=_("Its cards are kept, and nobody sees them until it is in use again."))]  # fmt: skip
    record_type = actor.state.record_types.get(row.key)
    archive = button(_("Archive"), act_url("types", "archive", key), dialog=True, danger=True, icon="archive")
    use: list[dict[str, Any]] = [
        {"key": "icon", "kind": "choice", "label": _("Icon"), "value": row.icon, "required": True,
         "choices": [{"value": one, "label": icon_label(one)} for one in ICONS]},
        {"key": "menu", "kind": "choice", "label": _("Stands in the menu under"), "value": row.menu, "required": True,
         "choices": [{"value": one, "label": menu_label(one)} for one in MENUS]},
    ]  # fmt: skip
    fields = board_fields(record_type) if record_type else []
    if record_type and fields:
        by = [{"value": one, "label": record_type.spec(one).label[actor.language]} for one in fields]
        use.append({"key": "board_by", "kind": "choice", "label": _("Columns of the board"), "value": row.board_by,
                    "choices": [{"value": "", "label": _("No board")}, *by],
                    "help": _("Cards are dragged from column to column.")})  # fmt: skip
    told = "" if fields else _("A field of the kind “One of a list”, such as a stage, may give the cards a board.")
    return [
        _fields(request, row),
        card("use", _("Menu and board"), url=act_url("types", "use", key), version=version, fields=use, help=told),
        *_rights(request, row),
        card("names", _("Names"), url=act_url("types", "names", key), version=version, actions=[archive],
             fields=[*kit.labels("label", _("One of them"), row.label, limit=40),
                     *kit.labels("plural", _("Several of them"), row.plural, limit=40)]),
        card("name", _("What the name of a card is called"), url=act_url("types", "name", key), version=version,
             fields=kit.labels("name_label", _("Name"), row.name_label, limit=40),
             help=_("For a property this may be its address. Left empty, it is called “Name”.")),
    ]  # fmt: skip


def _fields(request: HttpRequest, row: CustomType) -> Card:
    """What its cards hold, with the way to the next field and to the list itself."""
    language, rows = actor_of(request).language, []
    for one in CustomField.objects.filter(type_key=row.key, archived_at=None).order_by("position", "id"):
        cells = [Label.of(one.label)[language], kind_label(FORMULA if one.formula else one.kind)]
        rows.append({"cells": cells, "url": f"/settings/fields/{one.pk}"})
    go = [button(_("Open the list"), f"/{row.slug}/", icon="list")]
    if rows:
        go.append(button(_("All about fields"), f"/settings/fields?type={row.key}", icon="columns-3"))
    new = button(_("New field"), act_url("fields", "new", type=row.key), icon="plus", primary=True)
    none = _("None yet. A name, an owner, a team, tags and the next step are on every card without them.")
    table = {"caption": _("Fields"), "columns": [_("Field"), _("Kind")], "rows": rows, "empty_text": none}
    return card("fields", _("Fields"), actions=[*go, new], table=table)


def _rights(request: HttpRequest, row: CustomType) -> list[Card]:
    """What each role may do with its cards; only for who may change roles."""
    actor, rows = actor_of(request), []
    if not actor.permits("roles"):
        return []
    for role in actor.state.roles.values():
        grants = role.grants.get(row.key, role.grants.get("*", {}))
        scopes = [scope_label(grants.get(action, "none")) for action in ("view", "create", "edit")]
        name = Label.of(role.name)[actor.language] or role.key
        rows.append({"cells": [name, *scopes], "url": f"/settings/roles/{role.pk}?type={row.key}"})
    rows.sort(key=lambda one: str(one["cells"][0]))
    columns = [_("Role"), *(action_label(action) for action in ("view", "create", "edit"))]
    return [card("rights", _("Who may see and change them"),
                 help=_("New kinds of cards follow the rules for all kinds. Open a role to change that."),
                 table={"caption": _("Roles"), "columns": columns, "rows": rows})]  # fmt: skip


def _save(request: HttpRequest, item: str, card_key: str, values: dict[str, Any]) -> HttpResponse:
    command = SaveSetting("type", values, kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "types", card_key, command, item)


def _save_names(request: HttpRequest, item: str) -> HttpResponse:
    values = {name: kit.posted_labels(request, name) for name in ("label", "plural")}
    return _save(request, item, "names", values)


def _save_name(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "name", {"name_label": kit.posted_labels(request, "name_label")})


def _save_use(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "use", dict(kit.posted(request, "icon", "menu", "board_by")))


def _new(request: HttpRequest, item: str) -> HttpResponse:
    language = actor_of(request).language
    made = kit.form(_("New kind of card"), act_url("types", "new"), [
        {"key": "label", "kind": "text", "label": _("One of them"), "required": True, "value": "",
         "help": _("For example: Property")},
        {"key": "plural", "kind": "text", "label": _("Several of them"), "required": True, "value": "",
         "help": _("For example: Properties")},
        {"key": "name_label", "kind": "text", "label": _("What the name of a card is called"), "value": "",
         "help": _("For a property this may be its address. Left empty, it is called “Name”.")},
        {"key": "icon", "kind": "choice", "label": _("Icon"), "required": True, "value": "box",
         "choices": [{"value": one, "label": icon_label(one)} for one in ICONS]},
    ], back=TYPES, submit=_("Make it"),
        explain=_("Your language is enough; the others may follow. Fields are added next."))  # fmt: skip

    def command() -> SaveSetting:
        given = kit.posted(request, "label", "plural", "name_label", "icon")
        names = {name: {language: given.get(name, "")} for name in ("label", "plural", "name_label")}
        taken = set(CustomType.objects.values_list("key", flat=True))
        key = free_key({"en": given.get("label", "")}, "type", taken, OWN)
        return SaveSetting("type", {
            "key": key, "slug": free_slug(given.get("plural", "")), "icon": given.get("icon", ""), "menu": "clients",
            **names, "position": 10 * len(taken),
        })  # fmt: skip

    return kit.fill_in(
        request, made, command,
        lambda result: done(request, f"{TYPES.url}/{result.record.id}", _("The kind of card is made. Now its fields.")),
    )  # fmt: skip


def _archive(request: HttpRequest, item: str) -> HttpResponse:
    row = _row(item)
    name = Label.of(row.plural)[actor_of(request).language]
    return kit.ask(
        request, _("Archive “%(name)s”?") % {"name": name},
        _("The cards are kept, but nobody sees them until you take the kind back into use."),
        _("Archive"), f"{TYPES.url}/{row.pk}", DeleteSetting("type", row.pk), _("Archived"),
    )  # fmt: skip


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    return kit.press(request, f"{TYPES.url}/{item}", RestoreSetting("type", _row(item).pk), _("In use again"))


TYPES = kit.add(SettingsPage(
    "types", lambda: _("Kinds of cards"), "box", 152, _cards,
    {"new": _new, "names": _save_names, "name": _save_name, "use": _save_use, "archive": _archive,
     "restore": _restore},
    permit="fields", words=lambda: _("own objects, cards of another kind, property, vehicle"),
    item_title=lambda request, item: Label.of(_row(item).plural)[actor_of(request).language],
))  # fmt: skip
