"""The org tree: teams, what stands above them, who is in them and who heads them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access.branches import PART
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.identity.models import Membership, Team
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.people import colleague_choices, team_choices, team_path
from comity.ui.render import done


def _team(request: HttpRequest, item: str) -> Team:
    found = Team.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _team(request, item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    actor, state, rows = actor_of(request), actor_of(request).state, []
    for key in sorted(state.teams, key=lambda one: team_path(state.teams, one)):
        members = [(user, lead) for user, places in state.memberships.items() for team, lead in places if team == key]
        heads = [state.users[user].name for user, lead in members if lead and user in state.users]
        cells = [team_path(state.teams, key), listed(sorted(heads), actor.language), str(len(members))]
        rows.append({"cells": cells, "url": f"{TEAMS.url}/{key}"})
    return card(
        "teams", _("Teams"), actions=[button(_("New team"), act_url("teams", "new"), icon="plus", primary=True)],
        table={"caption": _("Teams"), "columns": [_("Team"), _("Heads"), _("People")], "rows": rows},
    )  # fmt: skip


def _fields(request: HttpRequest, team: Team | None) -> list[dict[str, Any]]:
    below = actor_of(request).state.branch(team.pk) if team else frozenset()
    branches = [
        {"value": str(row.pk), "label": row.name}
        for row in actor_of(request).state.parts[PART].values()
        if row.archived_at is None or (team and team.branch_id == row.pk)
    ]
    works_for = {"key": "branch", "kind": "choice", "label": _("Branch"), "choices": branches,
                 "value": str(team.branch_id or "") if team else "",
                 "help": _("Which legal entity its people work for. Empty: that of the team above.")}  # fmt: skip
    return [
        {"key": "name", "kind": "text", "label": _("Name"), "value": team.name if team else "", "required": True,
         "max_length": 120},
        {"key": "parent", "kind": "team", "label": _("Stands below"), "choices": team_choices(request, below),
         "value": str(team.parent_id or "") if team else ""},
        {"key": "position", "kind": "integer", "label": _("Place in the list"), "value": team.position if team else 0},
        *([works_for] if branches else []),
    ]  # fmt: skip


def _item_cards(request: HttpRequest, team: Team) -> list[Card]:
    key, state = str(team.pk), actor_of(request).state
    rows, members = [], set()
    for one in Membership.objects.filter(team=team).select_related("user").order_by("-lead", "user__name"):
        members.add(one.user_id)
        lead = button(
            _("No longer head") if one.lead else _("Make head"),
            act_url("teams", "lead", key, id=str(one.pk), on="" if one.lead else "1"),
            method="post",
        )
        main = button(_("Make main team"), act_url("teams", "main", key, id=str(one.pk)), method="post")
        out = button(_("Take out"), act_url("teams", "out", key, id=str(one.pk)), method="post")
        rows.append({
            "cells": [one.user.name, _("Head") if one.lead else "", _("Main team") if one.main else ""],
            "actions": [lead, *([] if one.main else [main]), out],
        })  # fmt: skip
    table = {
        "caption": _("People"),
        "rows": rows,
        "columns": [pgettext("of a person", "Name"), _("Role in the team"), _("Belongs here")],
    }
    deletes = button(_("Delete team"), act_url("teams", "delete", key), dialog=True, danger=True, icon="trash")
    cards = [
        card("team", _("Team"), url=act_url("teams", "team", key), version=version_of(team),
             fields=_fields(request, team), actions=[deletes]),
        card("members", _("People"), table=table,
             help=_("What a colleague adds belongs to his main team, and who has team rights there sees it.")),
    ]  # fmt: skip
    if len(members) < len(state.users):
        cards.insert(2, card("join", _("Add a colleague"), url=act_url("teams", "join", key), fields=[
            {"key": "user", "kind": "user", "label": _("Colleague"), "choices": colleague_choices(request, members)},
        ], save_label=_("Add")))  # fmt: skip
    return cards


def _save(request: HttpRequest, item: str) -> HttpResponse:
    team = _team(request, item)
    values = kit.posted(request, "name", "parent", "position", "branch")
    command = SaveSetting("team", values, team.pk, request.POST.get("version", ""))
    return kit.save(request, "teams", "team", command, item)


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("New team"), act_url("teams", "new"), _fields(request, None), back=TEAMS, submit=_("Make team"))
    return kit.fill_in(
        request, made, lambda: SaveSetting("team", kit.posted(request, "name", "parent", "position", "branch")),
        lambda result: done(request, f"{TEAMS.url}/{result.record.id}", _("The team is made.")),
    )  # fmt: skip


def _delete(request: HttpRequest, item: str) -> HttpResponse:
    team = _team(request, item)
    return kit.ask(
        request, _("Delete the team %(name)s?") % {"name": team.name},
        _("Its people stay, without this team. A team that owns records or has teams below it can't be deleted."),
        _("Delete"), f"{TEAMS.url}/{team.pk}", DeleteSetting("team", team.pk), _("The team is deleted."), TEAMS.url,
    )  # fmt: skip


def _membership(request: HttpRequest, item: str) -> Membership:
    found = Membership.objects.filter(pk=kit.key_of(request.GET.get("id", "")), team_id=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _join(request: HttpRequest, item: str) -> HttpResponse:
    team, user = _team(request, item), request.POST.get("user", "")
    if not user:
        return done(request, f"{TEAMS.url}/{team.pk}")
    main = kit.key_of(user) not in actor_of(request).state.memberships
    kit.do(request, SaveSetting("membership", {"user": user, "team": team.pk, "main": main}))
    return done(request, f"{TEAMS.url}/{team.pk}", _("The colleague is in the team."))


def _lead(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting("membership", {"lead": request.GET.get("on", "")}, _membership(request, item).pk)
    return kit.press(request, f"{TEAMS.url}/{item}", command, _("Saved"))


def _main(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting("membership", {"main": "1"}, _membership(request, item).pk)
    return kit.press(request, f"{TEAMS.url}/{item}", command, _("Saved"))


def _out(request: HttpRequest, item: str) -> HttpResponse:
    command = DeleteSetting("membership", _membership(request, item).pk)
    return kit.press(request, f"{TEAMS.url}/{item}", command, _("The colleague is out of the team."))


TEAMS = kit.add(SettingsPage(
    "teams", lambda: _("Teams"), "sitemap", 130, _cards,
    {"team": _save, "new": _new, "delete": _delete, "join": _join, "lead": _lead, "main": _main, "out": _out},
    permit="users", words=lambda: _("departments, branches, org tree, heads"),
    item_title=lambda request, item: _team(request, item).name,
))  # fmt: skip
