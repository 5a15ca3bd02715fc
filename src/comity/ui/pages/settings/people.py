"""Colleagues: list, invitation, what one may, sessions, switching off, a look through their eyes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.changes.bus import Command
from comity.changes.colleagues import EndSession, InviteUser, MakeLink, SeeAs, SwitchUser, held_roles
from comity.changes.setting_types import may_manage
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.identity.models import User
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records.labels import Label
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment
from comity.ui.pages.settings.me import language_choices, session_rows, timezone_choices
from comity.ui.pages.settings.tokens import shown_once


def user_of(request: HttpRequest, item: str) -> User:
    """The colleague of an item's page; NotFound for those one may not manage."""
    found = User.objects.filter(pk=kit.key_of(item), service=False).first()
    if found is None or not may_manage(actor_of(request), found):
        raise NotFound()
    return found


def colleague_choices(request: HttpRequest, without: Any = ()) -> list[dict[str, str]]:
    """Those who work here, by name."""
    users = actor_of(request).state.users
    return [{"value": str(key), "label": one.name} for key, one in users.items() if one.active and key not in without]


def role_choices(request: HttpRequest) -> list[dict[str, str]]:
    """The roles, by name."""
    actor = actor_of(request)
    named = [(str(key), Label.of(role.name)[actor.language]) for key, role in actor.state.roles.items()]
    return [{"value": key, "label": name} for key, name in sorted(named, key=lambda one: one[1])]


def team_choices(request: HttpRequest, without: Any = ()) -> list[dict[str, str]]:
    """The teams, each with the way down to it."""
    teams = actor_of(request).state.teams
    found = [{"value": str(key), "label": team_path(teams, key)} for key in teams if key not in without]
    return sorted(found, key=lambda one: one["label"])


def team_path(teams: Any, key: Any) -> str:
    """ "Sales / North": a team's name after those above it."""
    names: list[str] = []
    while key in teams and len(names) < 20:
        names.insert(0, teams[key].name)
        key = teams[key].parent_id
    return " / ".join(names)


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, user_of(request, item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    actor = actor_of(request)
    state, language = actor.state, actor.language
    rows = []
    for user in User.objects.filter(service=False).order_by("-active", "name"):
        held = [Label.of(state.roles[key].name)[language] for key in state.roles_of.get(user.pk, ())]
        rights = [_("Administrator")] if user.administrator else held
        if not user.active:
            seen = _("Switched off")
        elif user.last_login_at:
            seen = moment(actor, user.last_login_at)
        else:
            seen = _("Invited") if not user.password else _("Never")
        places = [state.teams[key].name for key, _lead in state.memberships.get(user.pk, ())]
        url = f"{PEOPLE.url}/{user.pk}" if may_manage(actor, user) else None
        cells = [user.name, user.email, listed(rights, language), listed(places, language), seen]
        rows.append({"cells": cells, "url": url})
    columns = [pgettext("of a person", "Name"), _("E-mail"), _("Roles"), _("Teams"), _("Last login")]
    return card(
        "people", _("Colleagues"), table={"caption": _("Colleagues"), "columns": columns, "rows": rows},
        actions=[button(_("Invite"), act_url("people", "invite"), icon="user-plus", primary=True)],
    )  # fmt: skip


def _item_cards(request: HttpRequest, user: User) -> list[Card]:
    actor, key = actor_of(request), str(user.pk)
    organization = actor.state.organization
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": pgettext("of a person", "Name"), "value": user.name, "required": True,
         "max_length": 150},
        {"key": "email", "kind": "email", "label": _("E-mail"), "value": user.email, "required": True,
         "help": _("It is the name to log in with.")},
        {"key": "job_title", "kind": "text", "label": _("Position"), "value": user.job_title, "max_length": 120},
        {"key": "manager", "kind": "user", "label": _("Reports to"), "value": str(user.manager_id or ""),
         "choices": colleague_choices(request, {user.pk})},
        {"key": "language", "kind": "language", "label": _("Language"), "value": user.language,
         "choices": language_choices(organization.languages if organization else ())},
        {"key": "timezone", "kind": "choice", "label": _("Time zone"), "value": user.timezone,
         "choices": timezone_choices()},
    ]  # fmt: skip
    if actor.administrator:
        fields.append({"key": "administrator", "kind": "bool", "label": _("Administrator"),
                       "value": user.administrator, "help": _("May see and do everything.")})  # fmt: skip
    cards = [card("person", _("Person"), url=act_url("people", "person", key), version=version_of(user), fields=fields)]
    if actor.permits("roles"):
        cards.append(card("roles", _("Roles"), url=act_url("people", "roles", key), fields=[
            {"key": "roles", "kind": "multichoice", "label": _("Roles"), "choices": role_choices(request),
             "value": [str(role) for role in held_roles(user.pk)], "help": _("The rights of several roles add up.")},
        ]))  # fmt: skip
    return [*cards, _access(request, user), _sessions(request, user)]


def _access(request: HttpRequest, user: User) -> Card:
    key, actor = str(user.pk), actor_of(request)
    if not user.active:
        on = button(_("Switch on"), act_url("people", "on", key), method="post", icon="check")
        return card("access", _("Access"), help=_("Switched off: no login, no sessions, no tokens. The records stay."),
                    actions=[on])  # fmt: skip
    link = _("New invitation link") if not user.password else _("Link for a new password")
    actions = [button(link, act_url("people", "link", key), method="post", icon="link")]
    if actor.administrator and user.pk != actor.user_id:
        actions.append(button(_("See as %(name)s") % {"name": user.name}, act_url("people", "see-as", key),
                              method="post", icon="eye"))  # fmt: skip
    if user.pk != actor.user_id:
        actions.append(button(_("Switch off"), act_url("people", "off", key), dialog=True, danger=True,
                              icon="user-off"))  # fmt: skip
    return card("access", _("Access"), actions=actions,
                help=_("A link works once, for three days. Hand it over yourself."))  # fmt: skip


def _sessions(request: HttpRequest, user: User) -> Card:
    columns = [_("Browser"), _("Last seen"), _("Address")]
    rows = session_rows(request, user.pk, "people", user.pk)
    return card("sessions", _("Sessions"), table={"caption": _("Sessions"), "columns": columns, "rows": rows})


def _save_person(request: HttpRequest, item: str) -> HttpResponse:
    user = user_of(request, item)
    values: dict[str, Any] = kit.posted(request, "name", "email", "job_title", "manager", "language", "timezone")
    if "administrator" in request.POST:
        values["administrator"] = kit.flag(request, "administrator")
    return kit.save(request, "people", "person",
                    SaveSetting("user", values, user.pk, request.POST.get("version", "")), item)  # fmt: skip


def _save_roles(request: HttpRequest, item: str) -> HttpResponse:
    user = user_of(request, item)
    held = {str(role): row for role, row in held_roles(user.pk).items()}
    wanted = set(kit.many(request, "roles"))
    commands: list[Command] = [DeleteSetting("role_member", row) for role, row in held.items() if role not in wanted]
    commands += [SaveSetting("role_member", {"user": user.pk, "role": role}) for role in sorted(wanted - set(held))]
    return kit.save(request, "people", "roles", commands, item)


def _invite(request: HttpRequest, item: str) -> HttpResponse:
    actor = actor_of(request)
    organization = actor.state.organization
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": pgettext("of a person", "Name"), "required": True, "max_length": 150,
         "autofocus": True},
        {"key": "email", "kind": "email", "label": _("E-mail"), "required": True},
        {"key": "job_title", "kind": "text", "label": _("Position"), "max_length": 120},
        {"key": "language", "kind": "language", "label": _("Language"),
         "choices": language_choices(organization.languages if organization else ())},
    ]  # fmt: skip
    if actor.state.teams:
        fields.append({"key": "team", "kind": "team", "label": _("Team"), "choices": team_choices(request)})
    if actor.permits("roles"):
        fields.append({"key": "roles", "kind": "multichoice", "label": _("Roles"), "choices": role_choices(request)})
    if actor.administrator:
        fields.append({"key": "administrator", "kind": "bool", "label": _("Administrator"),
                       "help": _("May see and do everything.")})  # fmt: skip
    made = kit.form(_("Invite a colleague"), act_url("people", "invite"), fields, back=PEOPLE,
                    submit=_("Make the invitation"))  # fmt: skip

    def command() -> InviteUser:
        values = kit.posted(request, "name", "email", "job_title", "language")
        team = request.POST.get("team", "")
        return InviteUser(
            values.get("name", ""), values.get("email", ""), values.get("job_title", ""), values.get("language", ""),
            kit.flag(request, "administrator"), [kit.key_of(role) for role in kit.many(request, "roles")],
            kit.key_of(team) if team else None,
        )  # fmt: skip

    return kit.fill_in(request, made, command, lambda result: link_page(request, result.secret))


def link_page(request: HttpRequest, path: str) -> HttpResponse:
    """A one-time link to copy."""
    address = request.build_absolute_uri(path) if path else ""
    text = _("Send this link to your colleague. It opens once, within three days, to choose a password.")
    back = {"label": PEOPLE.label(), "url": PEOPLE.url}
    return shown_once(request, back, _("Link for your colleague"), address, text)


def _link(request: HttpRequest, item: str) -> HttpResponse:
    return link_page(request, kit.do(request, MakeLink(user_of(request, item).pk)).secret)


def _off(request: HttpRequest, item: str) -> HttpResponse:
    user = user_of(request, item)
    return kit.ask(
        request, _("Switch off %(name)s?") % {"name": user.name},
        _("All sessions and tokens end at once. The records stay, and the login can be switched on again."),
        _("Switch off"), f"{PEOPLE.url}/{user.pk}", SwitchUser(user.pk, active=False),
        _("%(name)s is switched off.") % {"name": user.name},
    )  # fmt: skip


def _on(request: HttpRequest, item: str) -> HttpResponse:
    user = user_of(request, item)
    return kit.press(request, f"{PEOPLE.url}/{user.pk}", SwitchUser(user.pk, active=True),
                     _("%(name)s is switched on.") % {"name": user.name})  # fmt: skip


def _see_as(request: HttpRequest, item: str) -> HttpResponse:
    session_id = getattr(request, "session_id", None)
    if session_id is None:
        raise NotFound()
    return kit.press(request, "/", SeeAs(session_id, user_of(request, item).pk), "")


def _end_session(request: HttpRequest, item: str) -> HttpResponse:
    user = user_of(request, item)
    command = EndSession(kit.key_of(request.GET.get("id", "")))
    return kit.press(request, f"{PEOPLE.url}/{user.pk}", command, _("The session is ended."))


PEOPLE = kit.add(SettingsPage(
    "people", lambda: _("Colleagues"), "users", 120, _cards,
    {"person": _save_person, "roles": _save_roles, "invite": _invite, "link": _link, "off": _off, "on": _on,
     "see-as": _see_as, "end-session": _end_session},
    permit="users", words=lambda: _("users, invite, switch off, password link, see as"),
    item_title=lambda request, item: user_of(request, item).name,
))  # fmt: skip
