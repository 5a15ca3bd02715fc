"""Sharing rules: which cards are open to whom by a condition."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.models import SharingRule
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.changes.sharing_rules import SETTING, problem_of
from comity.kernel.errors import NotFound
from comity.records.labels import Label
from comity.records.types import RecordType
from comity.ui.pages.openings import level_choices
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.conditions import condition_card, edit_condition
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import done

KEY = "rules"
WHOM = ("user", "team", "role")


def _rule(request: HttpRequest, item: str) -> tuple[SharingRule, RecordType | None]:
    found = SharingRule.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found, actor_of(request).state.record_types.get(found.type_key)


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, *_rule(request, item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    actor, rows = actor_of(request), []
    for rule in SharingRule.objects.order_by("type_key", "name", "id"):
        record_type = actor.state.record_types.get(rule.type_key)
        how = _("may edit") if rule.edit else _("may read")
        cells = [rule.name, record_type.plural[actor.language] if record_type else "?", _name_of(request, rule), how]
        rows.append({"cells": cells, "url": f"{RULES.url}/{rule.pk}"})
    columns = [_("Rule"), _("Cards"), _("To whom"), _("How")]
    make = button(_("New rule"), act_url(KEY, "new"), icon="plus", primary=True)
    empty = _("No rules: everybody sees what his roles and single shares give him.")
    table = {"caption": _("Sharing rules"), "columns": columns, "rows": rows, "empty_text": empty}
    return card("rules", _("Sharing rules"), actions=[make], table=table)


def _name_of(request: HttpRequest, rule: SharingRule) -> str:
    actor = actor_of(request)
    state: Any = actor.state
    if rule.role_id:
        role = state.roles.get(rule.role_id)
        return (Label.of(role.name)[actor.language] or str(role.key)) if role else "?"
    found = state.users.get(rule.user_id) or state.teams.get(rule.team_id)
    return str(found.name) if found else "?"


def _fields(request: HttpRequest, rule: SharingRule | None) -> list[dict[str, Any]]:
    actor = actor_of(request)
    state = actor.state
    people = [{"value": f"user:{key}", "label": one.name} for key, one in state.users.items() if one.active]
    teams = [{"value": f"team:{key}", "label": one.name} for key, one in state.teams.items()]
    roles = [{"value": f"role:{key}", "label": Label.of(one.name)[actor.language] or one.key}
             for key, one in state.roles.items()]  # fmt: skip
    held = next((f"{kind}:{key}" for kind in WHOM if rule and (key := getattr(rule, f"{kind}_id"))), "")
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": _("Rule"), "required": True, "max_length": 80,
         "value": rule.name if rule else "", "placeholder": _("For example: wholesale clients to the wholesale team")},
        {"key": "whom", "kind": "choice", "label": _("To whom"), "required": True, "value": held,
         "choices": [{"label": _("Roles"), "choices": roles}, {"label": _("Teams"), "choices": teams},
                     {"label": _("Colleagues"), "choices": people}]},
        {"key": "edit", "kind": "choice", "label": _("How"), "choices": level_choices(), "required": True,
         "value": "edit" if rule and rule.edit else "view"},
    ]  # fmt: skip
    if rule is None:
        types = [{"value": one.key, "label": one.plural[actor.language]} for one in state.types_on]
        fields.insert(1, {"key": "type_key", "kind": "choice", "label": _("Cards"), "required": True, "value": "",
                          "choices": types})  # fmt: skip
    return fields


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = kit.posted(request, "name", "type_key")
    if "whom" in request.POST:
        kind, _colon, key = request.POST["whom"].partition(":")
        values |= {one: key if one == kind and _is_key(key) else None for one in WHOM}
    if "edit" in request.POST:
        values["edit"] = request.POST["edit"] == "edit"
    return values


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _item_cards(request: HttpRequest, rule: SharingRule, record_type: RecordType | None) -> list[Card]:
    key = str(rule.pk)
    deletes = button(_("Delete rule"), act_url(KEY, "delete", key), dialog=True, danger=True, icon="trash")
    cards = [
        card("rule", _("Rule"), url=act_url(KEY, "rule", key), version=version_of(rule), fields=_fields(request, rule),
             actions=[deletes]),
    ]  # fmt: skip
    if record_type is not None:
        none = _("None yet: the rule opens nothing before it has a condition.")
        url, broken = act_url(KEY, "where", key), problem_of(record_type, rule.where)
        cards.append(condition_card(request, record_type, rule.where, url, none=none, broken=broken))
    return cards


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(
        _("New rule"), act_url(KEY, "new"), _fields(request, None), back=RULES, submit=_("Make rule"),
        explain=_("Next you choose the condition; before that the rule opens nothing."),
    )  # fmt: skip
    return kit.fill_in(
        request, made, lambda: SaveSetting(SETTING, _values(request)),
        lambda result: done(request, f"{RULES.url}/{result.record.id}", _("Saved")),
    )  # fmt: skip


def _save(request: HttpRequest, item: str) -> HttpResponse:
    rule, _type = _rule(request, item)
    command = SaveSetting(SETTING, _values(request), rule.pk, request.POST.get("version", ""))
    return kit.save(request, KEY, "rule", command, item)


def _where(request: HttpRequest, item: str) -> HttpResponse:
    rule, record_type = _rule(request, item)
    if record_type is None:
        raise NotFound()
    return edit_condition(
        request, record_type, rule.where, act_url(KEY, "where", item), lead=_("Open what fits"),
        back={"label": rule.name, "url": f"{RULES.url}/{rule.pk}"},
        save=lambda where: SaveSetting(SETTING, {"where": where}, rule.pk),
    )  # fmt: skip


def _delete(request: HttpRequest, item: str) -> HttpResponse:
    rule, _type = _rule(request, item)
    return kit.ask(
        request, _("Delete the rule “%(name)s”?") % {"name": rule.name},
        _("What it opened is closed at once; roles and single shares stay."), _("Delete"), f"{RULES.url}/{rule.pk}",
        DeleteSetting(SETTING, rule.pk), _("The rule is deleted."), RULES.url,
    )  # fmt: skip


RULES = kit.add(SettingsPage(
    KEY, lambda: _("Sharing rules"), "users", 142, _cards,
    {"new": _new, "rule": _save, "where": _where, "delete": _delete}, permit="roles",
    words=lambda: _("rights by condition, who sees which cards"),
    intro=lambda: _("Cards that fit a condition are open to a role, a team or a colleague, besides what roles give. "
                    "A card that no longer fits is closed at once."),
    item_title=lambda request, item: _rule(request, item)[0].name,
))  # fmt: skip
