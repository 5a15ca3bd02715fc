"""Settings for the company: its own programs, with rights and tokens that belong to no colleague."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.changes.bus import Command
from comity.changes.colleagues import EndToken, SwitchUser, held_roles
from comity.changes.programs import MakeProgram, NameProgram
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.identity import tokens
from comity.identity.models import User
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records.labels import Label
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.people import role_choices
from comity.ui.pages.settings.tokens import token_command, token_form, token_page, tokens_card
from comity.ui.render import done


def _program(request: HttpRequest, item: str) -> User:
    """The program of an item's page; NotFound for who is no administrator."""
    found = User.objects.filter(pk=kit.key_of(item), service=True).first()
    if found is None or not actor_of(request).administrator:
        raise NotFound()
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, _program(request, item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    state, language = actor_of(request).state, actor_of(request).language
    rows = []
    for user in User.objects.filter(service=True).order_by("-active", "name"):
        held = [Label.of(state.roles[key].name)[language] for key in state.roles_of.get(user.pk, ())]
        number = str(len(tokens.listing(user.pk))) if user.active else pgettext("of a program", "Switched off")
        rows.append({"cells": [user.name, listed(held, language), number], "url": f"{PROGRAMS.url}/{user.pk}"})
    columns = [_("Program"), _("Roles"), _("API tokens")]
    return card(
        "programs", _("Programs"), table={"caption": _("Programs"), "columns": columns, "rows": rows},
        help=_("A website or another system works here as itself, with roles of its own: its tokens outlast any "
               "colleague, and the story tells what it did."),
        actions=[button(_("New program"), act_url("programs", "make"), icon="plus", primary=True)],
    )  # fmt: skip


def _item_cards(request: HttpRequest, user: User) -> list[Card]:
    key, actor = str(user.pk), actor_of(request)
    cards = [
        card("program", _("Program"), url=act_url("programs", "program", key), fields=[
            {"key": "name", "kind": "text", "label": pgettext("of a program", "Name"), "value": user.name,
             "required": True, "max_length": 150},
            {"key": "roles", "kind": "multichoice", "label": _("Roles"), "choices": role_choices(request),
             "value": [str(role) for role in held_roles(user.pk)], "help": _("The rights of several roles add up.")},
        ]),
    ]  # fmt: skip
    if user.active:
        cards.append(tokens_card(actor, user.pk, "programs", key))
        off = button(_("Switch off"), act_url("programs", "off", key), dialog=True, danger=True, icon="user-off")
        return [*cards, card("access", _("Access"), actions=[off])]
    on = button(_("Switch on"), act_url("programs", "on", key), method="post", icon="check")
    text = _("Switched off: its tokens have ended, what it wrote stays.")
    return [*cards, card("access", _("Access"), help=text, actions=[on])]


def _make(request: HttpRequest, item: str) -> HttpResponse:
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": pgettext("of a program", "Name"), "required": True,
         "max_length": 150, "autofocus": True, "help": _("For example: Website, Warehouse, Telephone.")},
        {"key": "roles", "kind": "multichoice", "label": _("Roles"), "choices": role_choices(request)},
    ]  # fmt: skip
    made = kit.form(_("New program"), act_url("programs", "make"), fields, back=PROGRAMS, submit=_("Add program"))

    def command() -> MakeProgram:
        return MakeProgram(request.POST.get("name", ""), [kit.key_of(one) for one in kit.many(request, "roles")])

    return kit.fill_in(
        request, made, command,
        lambda result: done(request, f"{PROGRAMS.url}/{result.record.id}", _("Saved")),
    )  # fmt: skip


def _save(request: HttpRequest, item: str) -> HttpResponse:
    user = _program(request, item)
    held = {str(role): row for role, row in held_roles(user.pk).items()}
    wanted = set(kit.many(request, "roles"))
    commands: list[Command] = [NameProgram(user.pk, request.POST.get("name", ""))]
    commands += [DeleteSetting("role_member", row) for role, row in held.items() if role not in wanted]
    commands += [SaveSetting("role_member", {"user": user.pk, "role": role}) for role in sorted(wanted - set(held))]
    return kit.save(request, "programs", "program", commands, item)


def _new_token(request: HttpRequest, item: str) -> HttpResponse:
    user, actor = _program(request, item), actor_of(request)
    url = f"{PROGRAMS.url}/{user.pk}"
    types = list(actor.state.types_on)
    made = token_form(actor, types, act_url("programs", "new", item), PROGRAMS, url)
    back = {"label": user.name, "url": url}
    return kit.fill_in(
        request, made, lambda: token_command(request, user.pk), lambda result: token_page(request, back, result.secret)
    )


def _end(request: HttpRequest, item: str) -> HttpResponse:
    user, token = _program(request, item), tokens.find(kit.key_of(request.GET.get("id", "")))
    if token is None or token.user_id != user.pk:
        raise NotFound()
    return kit.press(request, f"{PROGRAMS.url}/{user.pk}", EndToken(token.pk), _("The token no longer works."))


def _off(request: HttpRequest, item: str) -> HttpResponse:
    user = _program(request, item)
    return kit.ask(
        request, _("Switch off %(name)s?") % {"name": user.name},
        _("All its tokens end at once. What it wrote stays, and it can be switched on again."), _("Switch off"),
        f"{PROGRAMS.url}/{user.pk}", SwitchUser(user.pk, active=False),
        _("%(name)s is switched off.") % {"name": user.name},
    )  # fmt: skip


def _on(request: HttpRequest, item: str) -> HttpResponse:
    user = _program(request, item)
    return kit.press(request, f"{PROGRAMS.url}/{user.pk}", SwitchUser(user.pk, active=True),
                     _("%(name)s is switched on.") % {"name": user.name})  # fmt: skip


PROGRAMS = kit.add(SettingsPage(
    "programs", lambda: _("Programs"), "device-laptop", 125, _cards,
    {"make": _make, "program": _save, "new": _new_token, "end": _end, "off": _off, "on": _on},
    permit="administrator", words=lambda: _("service tokens, website, integration, API"),
    item_title=lambda request, item: _program(request, item).name,
))  # fmt: skip
