"""Fields of every kind of card: the shipped ones with their labels, those added here, their values to choose from."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes import field_kinds
from comity.changes.bus import Result
from comity.changes.custom_fields import CHOICE_KINDS, INDEXABLE, KINDS, MoveField
from comity.changes.formula_fields import KIND as FORMULA
from comity.changes.row_values import HELD_KINDS
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, free_key, version_of
from comity.kernel import units
from comity.kernel.errors import NotFound
from comity.records.fields import OWN, UNSORTED
from comity.records.labels import LANGUAGES, Label
from comity.records.models import CustomField, CustomType
from comity.records.types import RecordType
from comity.ui.names import code_name
from comity.ui.pages.settings import field_cards, field_values, formulas, kit, labels
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import done


def kind_label(kind: str) -> str:
    """A kind of field in words."""
    return {
        "formula": _("Formula"), "text": _("Text, one line"), "longtext": _("Long text"),
        "integer": _("Whole number"), "number": _("Number"),
        "percent": _("Percent"), "money": _("Money"), "date": _("Day"), "datetime": _("Day and time"),
        "bool": _("Yes or no"), "choice": _("One of a list"), "choices": _("Several of a list"),
        "user": _("Colleague"), "url": _("Web address"), "country": _("Country"), "language": _("Language"),
        "currency": _("Currency"), "languages": _("Several languages"), "team": _("Team"), "link": _("Another card"),
        "tags": _("Tags"), "phones": _("Phones"), "emails": _("E-mails"), "handles": _("Messengers"),
        "address": _("Address"), "taxnumber": _("Tax number"), "relation": _("Linked cards"), "file": _("Files"),
    }[kind]  # fmt: skip


def required_label(required: str) -> str:
    """When a field must be filled, in words."""
    words = {"": _("No"), "creation": _("When a card is added"), "always": _("Always"), "since": _("From a stage on")}
    return words[required]


def _row(item: str) -> CustomField:
    found = CustomField.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _type(request: HttpRequest) -> RecordType:
    types = actor_of(request).state.record_types
    key = request.GET.get("type") or next(iter(types))
    if key not in types:
        raise NotFound()
    return types[key]


def _tabs(request: HttpRequest, item: str) -> list[dict[str, Any]]:
    """The kinds of cards, with the one whose fields are shown."""
    if item:
        return []
    actor, shown = actor_of(request), _type(request).key
    return [
        {"label": one.plural[actor.language], "url": f"{FIELDS.url}?type={one.key}", "icon": one.icon,
         "current": one.key == shown}
        for one in actor.state.types_on
    ]  # fmt: skip


def back_to(request: HttpRequest, type_key: str) -> dict[str, str]:
    """The way back to the fields of a kind of card; for one made here, to its own page, where they stand too."""
    actor = actor_of(request)
    found = actor.state.record_types.get(type_key)
    if found is None:
        return {"label": FIELDS.label(), "url": FIELDS.url}
    if found.own and (made := CustomType.objects.filter(key=type_key).first()):
        return {"label": found.plural[actor.language], "url": f"/settings/types/{made.pk}"}
    return {"label": f"{FIELDS.label()} · {found.plural[actor.language]}", "url": f"{FIELDS.url}?type={type_key}"}


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _row(item)) if item else _lists(request)


def _lists(request: HttpRequest) -> list[Card]:
    """The label table of one kind of card; the others are a link away."""
    actor, record_type = actor_of(request), _type(request)
    language = actor.language
    columns = [_("Field"), _("Kind"), *(code_name("language", code, code) for code in LANGUAGES if code != language)]
    shipped = [] if record_type.own else labels.lines(request, record_type, kind_label)
    own: list[dict[str, Any]] = []
    archived: list[dict[str, Any]] = []
    rows = list(CustomField.objects.filter(type_key=record_type.key).order_by("position", "id"))
    used = [row.pk for row in rows if row.archived_at is None]
    for row in rows:
        label = Label.of(row.label)
        cells = [label[language], kind_label(row.kind), *(row.label.get(c, "") for c in LANGUAGES if c != language)]
        line: dict[str, Any] = {"cells": cells, "url": f"{FIELDS.url}/{row.pk}"}
        if row.archived_at is None:
            line["actions"] = _order(request, row, used)
        (own if row.archived_at is None else archived).append(line)
    name = record_type.plural[language]
    new = button(_("New field"), act_url("fields", "new", type=record_type.key), icon="plus", primary=True)
    cards = [
        card("own", _("Own fields: %(cards)s") % {"cards": name}, actions=[new],
             table={"caption": _("Own fields"), "columns": columns, "rows": own}),
    ]  # fmt: skip
    if shipped:
        cards.append(card("shipped", _("Shipped fields: %(cards)s") % {"cards": name},
                          table={"caption": _("Shipped fields"), "columns": columns, "rows": shipped}))  # fmt: skip
    if archived:
        table = {"caption": _("Archived fields"), "columns": columns, "rows": archived}
        cards.insert(1, card("archived", _("Archived fields"), table=table))
    return cards


def _order(request: HttpRequest, row: CustomField, used: list[Any]) -> list[dict[str, Any]]:
    """Up and down; who pressed one finds it under his finger again."""
    place, last, key = used.index(row.pk), len(used) - 1, str(row.pk)
    way = request.GET.get("way") if request.GET.get("moved") == key else ""
    found = []
    if place:
        found.append(button(_("Up"), act_url("fields", "earlier", key), method="post", icon="arrow-up",
                            autofocus=way == "up" or (way == "down" and place == last)))  # fmt: skip
    if place < last:
        found.append(button(_("Down"), act_url("fields", "later", key), method="post", icon="arrow-down",
                            autofocus=way == "down" or (way == "up" and not place)))  # fmt: skip
    return found


def _item_cards(request: HttpRequest, row: CustomField) -> list[Card]:
    key, version = str(row.pk), version_of(row)
    if row.archived_at is None:
        move = button(_("Archive"), act_url("fields", "archive", key), dialog=True, danger=True, icon="archive")
    else:
        move = button(_("Take back into use"), act_url("fields", "restore", key), method="post", icon="arrow-back-up")
    actions = [move]
    if field_kinds.offered(row):
        actions.insert(0, button(_("Change kind"), act_url("fields", "kind", key), dialog=True, icon="edit"))
    cards = [
        card("labels", _("Name"), url=act_url("fields", "labels", key), version=version, actions=actions,
             help=f"{kind_label(row.kind)} · {row.key}", fields=kit.labels("label", _("Name"), row.label)),
        card("help", _("Help under the field"), url=act_url("fields", "help", key), version=version,
             fields=kit.labels("help", _("Help"), row.help, limit=300)),
        card("use", _("Use"), url=act_url("fields", "use", key), version=version, fields=_use(request, row)),
    ]  # fmt: skip
    if row.archived_at is None:
        cards += field_cards.cards(request, row)
    if row.kind in CHOICE_KINDS:
        cards[1:1] = [field_values.card_of(request, row), *field_values.merged_cards(request, row)]
    if row.formula and row.archived_at is None:
        cards.insert(1, formulas.card_of(request, row))
    return cards


def _use(request: HttpRequest, row: CustomField) -> list[dict[str, Any]]:
    places = field_cards.since_fields(request, row)
    since = ("since",) if places else ()
    fields: list[dict[str, Any]] = [
        {"key": "required", "kind": "choice", "label": _("Must be filled"), "value": row.required, "required": True,
         "choices": [{"value": one, "label": required_label(one)} for one in ("", "creation", "always", *since)]},
        *places,
    ]  # fmt: skip
    if row.kind in ("integer", "number"):
        fields.append({"key": "unit", "kind": "choice", "label": _("Counts"), "value": row.unit, "required": True,
                       "choices": unit_choices(row.unit)})  # fmt: skip
    if row.kind in ("text", "longtext", "url"):
        fields.append({"key": "search", "kind": "bool", "label": _("Found by the search"), "value": row.search})
    if row.kind in INDEXABLE:
        fields.append({"key": "indexed", "kind": "bool", "label": _("Quick to filter by in large lists"),
                       "value": row.indexed, **_sorts(row)})  # fmt: skip
    if row.formula:  # nobody fills it in, and what it counts follows from it
        fields = [one for one in fields if one["key"] not in ("required", "since", "unit")]
    return [
        *fields,
        {"key": "personal", "kind": "bool", "label": _("Tells something about a person"), "value": row.personal,
         "help": _("Such values are erased when a person asks for it.")},
        *field_cards.further_use(row),
        {"key": "position", "kind": "integer", "label": _("Place in the form"), "value": row.position},
    ]  # fmt: skip


def _sorts(row: CustomField) -> dict[str, str]:
    """What an index does besides, where lists can be ordered by such fields."""
    return {} if row.kind in UNSORTED else {"help": _("Lists can also be sorted by it then.")}


def unit_choices(held: str = "") -> list[dict[str, str]]:
    """What a number may count."""
    own = (units.PERCENT, units.MONEY)  # these are kinds of fields themselves
    return [{"value": unit.key, "label": str(unit.label)} for unit in units.every()
            if unit not in own or unit.key == held]  # fmt: skip


# --- what the forms do -----------------------------------------------------------------------------------------------


def _save(request: HttpRequest, item: str, card_key: str, values: dict[str, Any]) -> HttpResponse:
    command = SaveSetting("field", values, kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "fields", card_key, command, item)


def _save_labels(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "labels", {"label": kit.posted_labels(request, "label")})


def _save_help(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "help", {"help": kit.posted_labels(request, "help")})


def _save_use(request: HttpRequest, item: str) -> HttpResponse:
    values: dict[str, Any] = kit.posted(request, "required", "since", "unit", "position", "keep_months")
    flags = ("search", "indexed", "personal", "duplicate")
    values |= {name: kit.flag(request, name) for name in flags if name in request.POST}
    return _save(request, item, "use", values)


def _new_formula(request: HttpRequest, item: str) -> HttpResponse:
    return formulas.new(request, back_to(request, formulas.type_of(request).key))


def _new(request: HttpRequest, item: str) -> HttpResponse:
    if request.method == "POST" and request.POST.get("kind") == FORMULA:
        return _new_formula(request, item)  # what it is counted from is written on a page of its own
    record_type = _type(request)
    back_url = back_to(request, record_type.key)["url"]
    made = kit.form(_("New field"), act_url("fields", "new", type=record_type.key), [
        *kit.labels("label", _("Name"), {}),
        {"key": "kind", "kind": "choice", "label": _("Kind"), "required": True, "value": "text",
         "choices": [{"value": kind, "label": kind_label(kind)} for kind in (*KINDS, FORMULA)]},
        {"key": "unit", "kind": "choice", "label": _("Counts"), "choices": unit_choices(), "value": units.NUMBER.key,
         "required": True, "help": _("For numbers: what they count.")},
        {"key": "choices", "kind": "longtext", "label": _("Values to choose from"), "rows": 5,
         "help": _("For lists: one value a line, in your language. Other languages and colours follow later.")},
        {"key": "target", "kind": "choice", "label": _("Points to"), "choices": field_cards.target_choices(request),
         "value": "", "required": True, "help": _("For linked cards: of which kind they are.")},
        {"key": "several", "kind": "bool", "label": _("Several values"), "value": False,
         "help": _("For linked cards and files.")},
    ], back=FIELDS, submit=_("Make field"), back_url=back_url,
        explain=_("One language is enough; the others may follow. The kind changes later only where no value "
                  "is lost."))  # fmt: skip
    made["groups"][0]["fields"][0]["autofocus"] = True
    made |= {"id": "new-field", "back": back_to(request, record_type.key),
             "also": {"name": "again", "label": _("Make it and add another")}}  # fmt: skip

    def command() -> SaveSetting:
        names = kit.posted_labels(request, "label")
        taken = set(CustomField.objects.filter(type_key=record_type.key).values_list("key", flat=True))
        kind = request.POST.get("kind", "")
        values: dict[str, Any] = {
            "type_key": record_type.key, "key": free_key(names, "field", taken, OWN), "kind": kind, "label": names,
            "unit": request.POST.get("unit", ""), "position": 10 * len(record_type.custom),
        }  # fmt: skip
        if kind in CHOICE_KINDS:
            values["choices"] = field_values.typed(request)
        if kind in HELD_KINDS:
            values |= {"target": request.POST.get("target", ""), "several": kit.flag(request, "several")}
        return SaveSetting("field", values)

    def finish(result: Result) -> HttpResponse:
        again = "again" in request.POST
        return done(request, made["url"] if again else f"{FIELDS.url}/{result.record.id}", _("The field is made."))

    return kit.fill_in(request, made, command, finish)


def _typed_choices(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines of the form as choices with keys of their own."""
    language, found = actor_of(request).language, []
    keys: set[str] = set()
    for line in request.POST.get("choices", "").splitlines():
        if line.strip():
            key = free_key({"en": line}, "value", keys)
            keys.add(key)
            found.append({"key": key, "label": {language: line.strip()}, "hue": 0})
    return found


def _move(request: HttpRequest, item: str, shift: int) -> HttpResponse:
    """Change places with the field before or after."""
    row = _row(item)
    moved = urlencode({"type": row.type_key, "moved": str(row.pk), "way": "up" if shift < 0 else "down"})
    return kit.press(request, f"{FIELDS.url}?{moved}", MoveField(row.pk, shift), _("Saved"))


def _save_relation(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "relation", field_cards.relation_values(request))


def _save_file(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "file", field_cards.file_values(request))


def _save_begins(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "begins", field_cards.begins_values(request, _row(item)))


def _archive(request: HttpRequest, item: str) -> HttpResponse:
    row = _row(item)
    return kit.ask(
        request, _("Archive this field?"),
        _("It disappears from forms, lists and filters. Its values stay, and it can be taken back into use."),
        _("Archive"), f"{FIELDS.url}/{row.pk}", DeleteSetting("field", row.pk), _("The field is archived."),
    )  # fmt: skip


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    row = _row(item)
    return kit.press(
        request, f"{FIELDS.url}/{row.pk}", RestoreSetting("field", row.pk), _("The field is in use again.")
    )


def _on_values(act: Callable[[HttpRequest, CustomField], HttpResponse]) -> kit.Act:
    return lambda request, item: act(request, _row(item))


FIELDS = kit.add(SettingsPage(
    "fields", lambda: _("Fields"), "columns-3", 150, _cards,
    {"labels": _save_labels, "help": _save_help, "use": _save_use, "new": _new,
     "archive": _archive, "restore": _restore, "relation": _save_relation, "file": _save_file, "begins": _save_begins,
     "earlier": lambda request, item: _move(request, item, -1), "later": lambda request, item: _move(request, item, 1),
     **{name: _on_values(act) for name, act in field_values.ACTS.items()},
     "rights": lambda request, item: field_cards.save_rights(request, _row(item)),
     "kind": lambda request, item: field_cards.ask_kind(request, _row(item), kind_label),
     "formula": _new_formula, "check": formulas.check,
     "formula-save": formulas.save},
    permit="fields", words=lambda: _("own fields, labels, values to choose from"),
    item_title=lambda request, item: Label.of(_row(item).label)[actor_of(request).language],
    item_back=lambda request, item: back_to(request, _row(item).type_key), tabs=_tabs,
))  # fmt: skip
