"""Settings for me: the keys of my programs, with what each may do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.access.bounds import EVERYTHING, READ, WRITE, Bounds
from comity.changes.colleagues import EndToken, MakeToken
from comity.identity import tokens
from comity.identity.models import ApiToken
from comity.kernel.text import listed, whole_number
from comity.records.types import RecordType
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment
from comity.ui.render import html, page

TOKEN_DAYS = (30, 90, 365)
CHOSEN = "types"


def tokens_card(actor: Actor, user_id: UUID, owner: str, item: Any = "") -> Card:
    """A user's tokens, each with its End, and the button for a new one."""
    rows = []
    for one in tokens.listing(user_id):
        ends = moment(actor, one.expires_at) if one.expires_at else _("never")
        seen = moment(actor, one.seen_at) if one.seen_at else _("never")
        end = button(_("End token"), act_url(owner, "end", item, id=str(one.pk)), method="post")
        cells = [one.name, scopes_text(actor, one), moment(actor, one.created_at), seen, ends]
        rows.append({"cells": cells, "actions": [end]})
    columns = [_("What for"), _("May"), _("Made"), _("Last used"), _("Ends")]
    return card(
        "tokens", _("API tokens"), table={"caption": _("API tokens"), "columns": columns, "rows": rows},
        actions=[
            button(_("How programs use it"), "/api/docs", icon="note"),
            button(_("New token"), act_url(owner, "new", item), icon="plus", primary=True),
        ],
    )  # fmt: skip


def scopes_text(actor: Actor, token: ApiToken) -> str:
    """What a token may do, in words."""
    bounds = Bounds.of(token.scopes)
    if bounds.whole:
        return _("everything")
    types, language = actor.state.record_types, actor.language
    words = []
    for key, level in bounds.named:
        name = _("everything") if key == EVERYTHING else types[key].plural[language] if key in types else ""
        if name:
            words.append(name if level == WRITE else _("read: %(what)s") % {"what": name})
    return listed(words, language)


def token_form(
    actor: Actor, types: Sequence[RecordType], url: str, back: SettingsPage, back_url: str = ""
) -> dict[str, Any]:
    """The form of a new token."""
    days = [{"value": "", "label": _("until I end it")}]
    days += [
        {"value": str(one), "label": ngettext("%(count)s day", "%(count)s days", one) % {"count": one}}
        for one in TOKEN_DAYS
    ]
    scopes = [
        {"value": WRITE, "label": _("Read and change everything")}, {"value": READ, "label": _("Read everything")},
        {"value": CHOSEN, "label": _("Only what is chosen below")},
    ]  # fmt: skip
    levels = [{"value": READ, "label": _("Read")}, {"value": WRITE, "label": _("Read and change")}]
    fields = [
        {"key": "name", "kind": "text", "label": _("What for"), "required": True, "max_length": 120},
        {"key": "days", "kind": "choice", "label": _("Works for"), "value": "90", "required": True, "choices": days},
        {"key": "scope", "kind": "choice", "label": _("It may"), "value": WRITE, "required": True, "choices": scopes,
         "help": _("Never more than its user may.")},
    ]  # fmt: skip
    made = kit.form(_("New API token"), url, fields, back=back, back_url=back_url, submit=_("Make token"))
    chosen = [
        {"key": f"on-{one.key}", "kind": "choice", "label": one.plural[actor.language], "value": "", "choices": levels}
        for one in types
    ]
    text = _("Counts where only what is chosen below is allowed. What is left empty is not there for the program.")
    made["groups"].append({"label": _("Chosen kinds of cards"), "help": text, "fields": chosen})
    return made


def token_command(request: HttpRequest, user_id: UUID | None = None) -> MakeToken:
    """What such a form asks for."""
    days, scope = request.POST.get("days", ""), request.POST.get("scope", WRITE)
    scopes = [(EVERYTHING, scope)]
    if scope == CHOSEN:
        named = [(name[3:], request.POST[name]) for name in request.POST if name.startswith("on-")]
        scopes = [(key, level) for key, level in named if level]
    return MakeToken(request.POST.get("name", ""), user_id, whole_number(days) if days else None, scopes)


def shown_once(request: HttpRequest, back: dict[str, str], title: str, secret: str, text: str) -> HttpResponse:
    """A page with a secret to copy, which can't be shown a second time."""
    told = {"title": title, "text": text, "secret": secret, "back": back}
    body = html("ui/settings/secret.html", {"once": told})
    response = page(request, "ui/popover_page.html", page={"title": title, "back": back, "html": body})
    response["Cache-Control"] = "no-store"
    return response


def token_page(request: HttpRequest, back: dict[str, str], secret: str) -> HttpResponse:
    """A new token to copy."""
    text = _("Copy it now: it is shown this once and kept nowhere. Send it as “Authorization: Bearer …”.")
    return shown_once(request, back, _("Your new API token"), secret, text)


def _cards(request: HttpRequest, item: str) -> list[Card]:
    actor = actor_of(request)
    if actor.user_id is None:
        return []
    made = tokens_card(actor, actor.user_id, "tokens")
    return [made | {"help": _("A key with which a program acts with your rights, or with a part of them.")}]


def _new(request: HttpRequest, item: str) -> HttpResponse:
    actor = actor_of(request)
    types = [one for one in actor.state.record_types.values() if actor.scope(one.key, "view") != "none"]
    made = token_form(actor, types, act_url("tokens", "new"), TOKENS)
    back = {"label": TOKENS.label(), "url": TOKENS.url}
    return kit.fill_in(
        request, made, lambda: token_command(request), lambda result: token_page(request, back, result.secret)
    )


def _end(request: HttpRequest, item: str) -> HttpResponse:
    command = EndToken(kit.key_of(request.GET.get("id", "")))
    return kit.press(request, TOKENS.url, command, _("The token no longer works."))


TOKENS = kit.add(SettingsPage(
    "tokens", lambda: _("API tokens"), "key", 40, _cards, {"new": _new, "end": _end},
    words=lambda: _("keys for programs, API"),
))  # fmt: skip
