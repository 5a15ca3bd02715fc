"""Roles: how far each action reaches on each kind of card, which fields it sees, further rights, who holds it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access.models import ACTIONS, PERMITS, SCOPES, Role, RoleMember
from comity.changes.settings import DeleteSetting, SaveSetting, free_key, version_of
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records.fields import CONTACT_KINDS, LEVELS
from comity.records.labels import Label
from comity.records.types import RecordType
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.people import colleague_choices
from comity.ui.render import done

EVERY = "all"  # in addresses: the rules for all kinds of cards, "*" in the role


def action_label(action: str) -> str:
    """An action in words."""
    return {
        "view": _("See"), "create": _("Add"), "edit": _("Change"), "delete": _("Put into the trash"),
        "restore": _("Take out of the trash"), "share": _("Share"), "export": _("Export"),
    }[action]  # fmt: skip


def scope_label(scope: str) -> str:
    """How far an action reaches, in words."""
    return {"none": _("none"), "own": _("own"), "team": _("own and the team’s"), "all": _("all")}[scope]


def level_label(level: str) -> str:
    """What may be done with a field, in words."""
    return {"hide": _("hidden"), "mask": _("masked"), "read": _("read only"), "write": _("may change")}[level]


def permit_label(permit: str) -> str:
    """A further right in words."""
    return {
        "settings": _("Change the settings of the company"),
        "users": _("Invite and switch off colleagues, change teams"),
        "roles": _("Change roles and give them (that is: give any right)"),
        "fields": _("Add fields and kinds of links"),
        "views": _("Share lists with everybody"),
        "trash": _("Delete for ever"),  # no more: for the story of settings alone
        "gates": _("Let a deal go on without what its stage asks for"),
        "import": _("Load cards out of files"),
        "erase": _("Erase a person’s data for good, on request"),
    }[permit]


def _role(item: str) -> Role:
    found = Role.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _name(request: HttpRequest, role: Role) -> str:
    return Label.of(role.name)[actor_of(request).language] or role.key


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _role(item)) if item else [_list(request)]


def _sees(state: Any, role: Role, language: str) -> str:
    """What the role's holders see: one word where it is the same for all kinds of cards."""
    every = role.grants.get("*", {})
    scopes = {one: role.grants.get(one.key, every).get("view", "none") for one in state.types_on}
    if len(set(scopes.values())) == 1:
        return scope_label(next(iter(scopes.values())))
    return listed((f"{one.plural[language]}: {scope_label(scope)}" for one, scope in scopes.items()), language)


def _list(request: HttpRequest) -> Card:
    actor, state, rows = actor_of(request), actor_of(request).state, []
    for role in sorted(state.roles.values(), key=lambda one: _name(request, one)):
        held = [state.users[user].name for user, roles in state.roles_of.items() if role.pk in roles]
        views, holders = _sees(state, role, actor.language), listed(sorted(held), actor.language)
        rows.append({"cells": [_name(request, role), views, holders], "url": f"{ROLES.url}/{role.pk}"})
    return card(
        "roles", _("Roles"), actions=[button(_("New role"), act_url("roles", "new"), icon="plus", primary=True)],
        table={"caption": _("Roles"), "columns": [_("Role"), _("Sees"), _("Who has it")], "rows": rows},
    )  # fmt: skip


def _item_cards(request: HttpRequest, role: Role) -> list[Card]:
    actor, key, version = actor_of(request), str(role.pk), version_of(role)
    chosen = actor.state.record_types.get(request.GET.get("type", ""))
    if chosen is not None:
        return [_grants(key, chosen.key, chosen.plural[actor.language], role, version),
                _fields(request, chosen, role, version)]  # fmt: skip
    deletes = button(_("Delete role"), act_url("roles", "delete", key), dialog=True, danger=True, icon="trash")
    cards = [
        card("name", _("Name"), url=act_url("roles", "name", key), version=version, actions=[deletes],
             fields=kit.labels("name", _("Name"), role.name)),
        _grants(key, EVERY, _("All kinds of cards"), role, version),
    ]  # fmt: skip
    for record_type in actor.state.types_on:
        label = record_type.plural[actor.language]
        cards.append(_grants(key, record_type.key, label, role, version))
        cards.append(_fields(request, record_type, role, version))
    cards.append(card("permits", _("Further rights"), url=act_url("roles", "permits", key), version=version, fields=[
        {"key": "permits", "kind": "multichoice", "label": _("May also"), "value": role.permits,
         "choices": [{"value": one, "label": permit_label(one)} for one in PERMITS]},
    ]))  # fmt: skip
    return [*cards, *_members(request, role)]


def _tabs(request: HttpRequest, item: str) -> list[dict[str, Any]]:
    """All about a role, or one kind of cards alone."""
    if not item:
        return []
    actor, shown, url = actor_of(request), request.GET.get("type", ""), f"{ROLES.url}/{item}"
    kinds = [
        {"label": one.plural[actor.language], "url": f"{url}?type={one.key}", "icon": one.icon,
         "current": one.key == shown}
        for one in actor.state.types_on
    ]  # fmt: skip
    alone = any(one["current"] for one in kinds)
    return [{"label": _("The whole role"), "url": url, "icon": "shield", "current": not alone}, *kinds]


def _grants(key: str, type_key: str, label: str, role: Role, version: str) -> Card:
    """How far each action reaches; a kind of card without rules of its own shows those of all."""
    own = role.grants.get("*" if type_key == EVERY else type_key)
    shown = own if own is not None else role.grants.get("*", {})
    scopes = [{"value": scope, "label": scope_label(scope)} for scope in SCOPES]
    fields = [
        {"key": action, "id": f"i-{type_key}-{action}", "kind": "choice", "label": action_label(action),
         "required": True, "value": shown.get(action, "none"), "choices": scopes}
        for action in ACTIONS
    ]  # fmt: skip
    actions, help_text = [], ""
    if type_key != EVERY:
        if own is None:
            help_text = _("The rules for all kinds of cards hold here. Change one, and these get rules of their own.")
        else:
            actions = [button(_("Same as for all"), act_url("roles", "same", key, type=type_key), method="post")]
    return card(f"grants-{type_key}", _("What it may do: %(cards)s") % {"cards": label}, help=help_text,
                url=act_url("roles", "grants", key, type=type_key), version=version, fields=fields,
                actions=actions)  # fmt: skip


def _fields(request: HttpRequest, record_type: RecordType, role: Role, version: str) -> Card:
    language, held = actor_of(request).language, role.fields.get(record_type.key, {})
    fields = []
    for spec in record_type.specs:
        levels = [one for one in LEVELS if one != "mask" or spec.kind in CONTACT_KINDS]
        levels = [one for one in levels if spec.level == "write" or one != "write"]
        value = held.get(spec.key, "write")
        fields.append({
            "key": spec.key, "id": f"i-{record_type.key}-field-{spec.key}", "kind": "choice", "required": True,
            "label": spec.label[language], "value": value if value in levels else levels[-1],
            "choices": [{"value": one, "label": level_label(one)} for one in levels],
        })  # fmt: skip
    return card(
        f"fields-{record_type.key}", _("Fields: %(cards)s") % {"cards": record_type.plural[language]},
        url=act_url("roles", "fields", role.pk, type=record_type.key), version=version, fields=fields,
    )  # fmt: skip


def _members(request: HttpRequest, role: Role) -> list[Card]:
    key, rows, held = str(role.pk), [], set()
    for one in RoleMember.objects.filter(role=role).select_related("user").order_by("user__name"):
        held.add(one.user_id)
        take = button(_("Take away"), act_url("roles", "take", key, id=str(one.pk)), method="post")
        rows.append({"cells": [one.user.name], "actions": [take]})
    give = card("give", _("Give the role"), url=act_url("roles", "give", key), save_label=_("Give"), fields=[
        {"key": "user", "kind": "user", "label": _("Colleague"), "choices": colleague_choices(request, held)},
    ])  # fmt: skip
    table = {"caption": _("Who has it"), "columns": [pgettext("of a person", "Name")], "rows": rows}
    return [card("members", _("Who has it"), table=table), give]


def _save(request: HttpRequest, item: str, card_key: str, values: dict[str, Any]) -> HttpResponse:
    command = SaveSetting("role", values, kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "roles", card_key, command, item)


def _save_name(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "name", {"name": kit.posted_labels(request, "name")})


def _type(request: HttpRequest) -> str:
    key = request.GET.get("type", "")
    if key != EVERY and key not in actor_of(request).state.record_types:
        raise NotFound()
    return key


def _save_grants(request: HttpRequest, item: str) -> HttpResponse:
    type_key = _type(request)
    chosen = {action: request.POST.get(action, "none") for action in ACTIONS}
    grants = {**_role(item).grants, "*" if type_key == EVERY else type_key: chosen}
    return _save(request, item, f"grants-{type_key}", {"grants": grants})


def _same(request: HttpRequest, item: str) -> HttpResponse:
    type_key = _type(request)
    grants = {key: held for key, held in _role(item).grants.items() if key != type_key}
    return kit.press(request, f"{ROLES.url}/{item}", SaveSetting("role", {"grants": grants}, kit.key_of(item)),
                     _("Saved"))  # fmt: skip


def _save_fields(request: HttpRequest, item: str) -> HttpResponse:
    type_key, role = _type(request), _role(item)
    if type_key == EVERY:
        raise NotFound()
    levels = dict(role.fields.get(type_key, {}))
    for spec in actor_of(request).state.record_types[type_key].specs:
        chosen = request.POST.get(spec.key, "")
        if chosen:
            levels[spec.key] = chosen
    # The widest level a field allows is no restriction.
    levels = {key: level for key, level in levels.items() if level != "write"}
    return _save(request, item, f"fields-{type_key}", {"fields": {**role.fields, type_key: levels}})


def _save_permits(request: HttpRequest, item: str) -> HttpResponse:
    return _save(request, item, "permits", {"permits": kit.many(request, "permits")})


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("New role"), act_url("roles", "new"), kit.labels("name", _("Name"), {}), back=ROLES,
                    submit=_("Make role"), explain=_("One language is enough; the others may follow."))  # fmt: skip

    def command() -> SaveSetting:
        names = kit.posted_labels(request, "name")
        taken = set(Role.objects.values_list("key", flat=True))
        return SaveSetting("role", {"key": free_key(names, "role", taken), "name": names})

    return kit.fill_in(
        request, made, command, lambda made: done(request, f"{ROLES.url}/{made.record.id}", _("The role is made."))
    )


def _delete(request: HttpRequest, item: str) -> HttpResponse:
    role = _role(item)
    return kit.ask(
        request, _("Delete the role %(name)s?") % {"name": _name(request, role)},
        _("Who has it loses its rights at once."), _("Delete"), f"{ROLES.url}/{item}",
        DeleteSetting("role", role.pk), _("The role is deleted."), ROLES.url,
    )  # fmt: skip


def _give(request: HttpRequest, item: str) -> HttpResponse:
    user = request.POST.get("user", "")
    if user:
        kit.do(request, SaveSetting("role_member", {"user": user, "role": item}))
    return done(request, f"{ROLES.url}/{item}", _("The role is given.") if user else "")


def _take(request: HttpRequest, item: str) -> HttpResponse:
    command = DeleteSetting("role_member", kit.key_of(request.GET.get("id", "")))
    return kit.press(request, f"{ROLES.url}/{item}", command, _("The role is taken away."))


ROLES = kit.add(SettingsPage(
    "roles", lambda: _("Roles"), "shield", 140, _cards,
    {"name": _save_name, "grants": _save_grants, "same": _same, "fields": _save_fields, "permits": _save_permits,
     "new": _new, "delete": _delete, "give": _give, "take": _take},
    permit="roles", words=lambda: _("rights, permissions, who sees what, hidden fields"),
    item_title=lambda request, item: _name(request, _role(item)), tabs=_tabs,
))  # fmt: skip
