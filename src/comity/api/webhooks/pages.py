"""Settings of webhooks: the list, one webhook with its parts, its condition."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.api.webhooks import catalogue, signing, state, words
from comity.api.webhooks.commands import MakeWebhook, Replay, RotateSecret, SendTest, SwitchWebhook, readers
from comity.api.webhooks.log_pages import log_card, since_choices, since_of
from comity.api.webhooks.model import HOOK, Webhook
from comity.api.webhooks.settings import SETTING, check_reachable, fits
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.conditions import condition_card, edit_condition
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment
from comity.ui.pages.settings.people import colleague_choices
from comity.ui.render import done, html, page

KEY = "webhooks"


def row_of(request: HttpRequest, item: str) -> Webhook:
    """The webhook of an item's page; NotFound for those that are another's."""
    found: Webhook | None = readers(actor_of(request)).filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _open_to(actor: Actor) -> bool:
    """Who has no right to settings finds here what his programs have subscribed."""
    return any(hook.owner_id == actor.user_id for hook in state.of(actor.state).values())


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, row_of(request, item)) if item else [_list(request)]


def _list(request: HttpRequest) -> Card:
    actor = actor_of(request)
    rows = []
    for row in readers(actor):
        owner = actor.state.users.get(row.owner_id)
        cells = [
            row.name,
            words.host(row),
            listed(_event_words(row), actor.language),
            owner.name if owner else "?",
            _status(actor, row),
        ]
        rows.append({"cells": cells, "url": f"{WEBHOOKS.url}/{row.pk}"})
    columns = [_("Name"), _("Server"), _("Events"), _("With whose rights"), _("State")]
    make = button(_("New webhook"), act_url(KEY, "new"), icon="plus", primary=True)
    return card(
        "webhooks", _("Webhooks"), table={"caption": _("Webhooks"), "columns": columns, "rows": rows},
        actions=[make] if actor.permits("settings") else [],
    )  # fmt: skip


def _event_words(row: Webhook) -> list[str]:
    named = [catalogue.name(key) for key in row.events[:2]]
    rest = len(row.events) - len(named)
    more = ngettext("%(n)s further event", "%(n)s further events", rest) % {"n": rest}
    return [*named, more] if rest > 0 else named


def _status(actor: Actor, row: Webhook) -> str:
    return words.status(row, state.owner_of(row, actor.state) is not None)


# --- fields ----------------------------------------------------------------------------------------------------------


def _fields(request: HttpRequest, row: Webhook | None) -> list[dict[str, Any]]:
    actor = actor_of(request)
    types = [{"value": one.key, "label": one.plural[actor.language]} for one in actor.state.types_on]
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": _("Name"), "required": True, "max_length": 120,
         "value": row.name if row else ""},
        {"key": "url", "kind": "url", "label": _("Address"), "required": True, "max_length": 2000,
         "value": row.url if row else "", "placeholder": "https://",
         "help": _("Where the messages go. It starts with https:// and is on the public network.")},
        {"key": "type_key", "kind": "choice", "label": _("Cards"), "choices": types,
         "value": row.type_key if row else "",
         "help": _("Empty: cards of every kind. A condition needs one kind.")},
    ]  # fmt: skip
    if actor.administrator and not (row and row.source == HOOK):
        fields.append({
            "key": "owner", "kind": "user", "label": _("With whose rights"), "required": True,
            "choices": colleague_choices(request), "value": str(row.owner_id if row else actor.user_id),
            "help": _("What this colleague does not see is not sent, nor the fields not open to him."),
        })  # fmt: skip
    return fields


def _event_fields(request: HttpRequest, row: Webhook | None) -> list[dict[str, Any]]:
    return [
        {"key": f"events-{about}", "kind": "multichoice", "label": label, "value": row.events if row else [],
         "choices": [{"value": key, "label": name} for key, name in events]}
        for about, label, events in catalogue.groups(actor_of(request))
    ]  # fmt: skip


def _chosen(request: HttpRequest) -> list[str]:
    return [key for name in request.POST if name.startswith("events-") for key in kit.many(request, name)]


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = kit.posted(request, "name", "url", "type_key", "owner")
    if "url" in values:
        values["url"] = values["url"].strip()
        check_reachable(values["url"])
    return values


# --- one webhook -----------------------------------------------------------------------------------------------------


def _item_cards(request: HttpRequest, row: Webhook) -> list[Card]:
    key, version = str(row.pk), version_of(row)
    return [
        _state_card(request, row),
        card("webhook", _("Webhook"), url=act_url(KEY, "webhook", key), version=version, fields=_fields(request, row)),
        card("events", _("Events"), url=act_url(KEY, "events", key), fields=_event_fields(request, row)),
        _condition_card(request, row),
        _secret_card(request, row),
        log_card(request, row),
    ]


def _state_card(request: HttpRequest, row: Webhook) -> Card:
    actor, key = actor_of(request), str(row.pk)
    if row.active:
        actions = [
            button(_("Send a test"), act_url(KEY, "test", key), method="post", icon="bolt"),
            button(_("Switch off"), act_url(KEY, "off", key), method="post"),
        ]
    else:
        actions = [button(_("Switch on"), act_url(KEY, "on", key), method="post", icon="check", primary=True)]
    actions.append(button(_("Delete"), act_url(KEY, "delete", key), dialog=True, danger=True, icon="trash"))
    text = _status(actor, row)
    if row.source == HOOK:
        text = _("%(state)s. A program has subscribed this through the API.") % {"state": text}
    return card("state", _("State"), help=text, actions=actions)


def _condition_card(request: HttpRequest, row: Webhook) -> Card:
    actor = actor_of(request)
    record_type, owner = actor.state.record_types.get(row.type_key), state.owner_of(row, actor.state)
    if record_type is None or owner is None:
        return card("where", _("Condition"), help=_("None. Choose the kind of cards first to set one."))
    broken = _("Nothing is sent: the condition asks for what these cards do not have, or what the webhook’s owner may "
               "not read.")  # fmt: skip
    return condition_card(
        request, record_type, row.where, act_url(KEY, "where", row.pk), none=_("None: every card of the kind"),
        broken="" if fits(owner, record_type, row.where) else broken,
    )  # fmt: skip


def _secret_card(request: HttpRequest, row: Webhook) -> Card:
    keys = signing.valid_keys(row.pk)
    text = _("Each message is signed (Standard Webhooks). The secret was shown once, when it was made.")
    old = next((one for one in keys if one.until is not None), None)
    if old is not None and old.until is not None:
        until = moment(actor_of(request), old.until)
        before = _("The one before is valid until %(moment)s.") % {"moment": until}
        text = f"{text} {before}"
    new = button(_("New secret"), act_url(KEY, "secret", row.pk), dialog=True, icon="key")
    return card("secret", _("Secret"), help=text, actions=[new])


# --- what the forms do -----------------------------------------------------------------------------------------------


def _save(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)

    def command() -> SaveSetting:
        return SaveSetting(SETTING, _values(request), row.pk, request.POST.get("version", ""))

    return kit.save(request, KEY, "webhook", command, item)


def _save_events(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)
    return kit.save(request, KEY, "events", SaveSetting(SETTING, {"events": _chosen(request)}, row.pk), item)


def _new(request: HttpRequest, item: str) -> HttpResponse:
    actor_of(request).require("settings")
    made = kit.form(
        _("New webhook"), act_url(KEY, "new"), _fields(request, None), back=WEBHOOKS, submit=_("Make webhook"),
        explain=_("Another program is told at once of what happens here."),
    )  # fmt: skip
    made["groups"].append({"label": _("Events"), "help": "", "fields": _event_fields(request, None)})

    def finish(result: Any) -> HttpResponse:
        return _secret_page(request, result.secret, f"{WEBHOOKS.url}/{result.record.id}")

    return kit.fill_in(request, made, lambda: MakeWebhook(_values(request) | {"events": _chosen(request)}), finish)


def _secret_page(request: HttpRequest, secret: str, back_url: str) -> HttpResponse:
    text = _("Give this secret to the other program, which proves with it that a message comes from here.")
    title, back = _("Secret of the webhook"), {"label": WEBHOOKS.label(), "url": back_url}
    once = html("ui/settings/secret.html", {"once": {"title": title, "text": text, "secret": secret}})
    response = page(request, "ui/popover_page.html", page={"title": title, "back": back, "html": once})
    response["Cache-Control"] = "no-store"
    return response


def _secret(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)
    return kit.ask(
        request, _("Make a new secret?"),
        _("For a day messages are signed with both, so that you can change it on the other side in peace."),
        _("Make it"), f"{WEBHOOKS.url}/{row.pk}", RotateSecret(row.pk), "",
        finish=lambda result: _secret_page(request, result.secret, f"{WEBHOOKS.url}/{row.pk}"),
    )  # fmt: skip


def _switch(active: bool) -> Any:
    def act(request: HttpRequest, item: str) -> HttpResponse:
        row = row_of(request, item)
        text = _("The webhook is switched on.") if active else _("The webhook is switched off.")
        return kit.press(request, f"{WEBHOOKS.url}/{row.pk}", SwitchWebhook(row.pk, active), text)

    return act


def _delete(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)
    return kit.ask(
        request, _("Delete the webhook “%(name)s”?") % {"name": row.name},
        _("Nothing more is sent, and its log is deleted with it."), _("Delete"), f"{WEBHOOKS.url}/{row.pk}",
        DeleteSetting(SETTING, row.pk), _("The webhook is deleted."), WEBHOOKS.url,
    )  # fmt: skip


def _test(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)
    text = _("The test is on its way; the log below shows how it went.")
    return kit.press(request, f"{WEBHOOKS.url}/{row.pk}", SendTest(row.pk), text)


def _replay(request: HttpRequest, item: str) -> HttpResponse:
    row = row_of(request, item)
    field = {"key": "since", "kind": "choice", "label": _("Which"), "required": True, "value": "day",
             "choices": since_choices()}  # fmt: skip

    def finish(result: Any) -> HttpResponse:
        count = result.data["deliveries"]
        text = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count) % {"n": count}
        return done(request, f"{WEBHOOKS.url}/{row.pk}", text if count else _("Nothing has failed."))

    return kit.ask(
        request, _("Send again what failed?"),
        _("The messages keep their ids, so that the other side knows those it has."), _("Send again"),
        f"{WEBHOOKS.url}/{row.pk}", lambda: Replay(row.pk, since=since_of(request.POST.get("since", ""))), "",
        fields=[field], finish=finish,
    )  # fmt: skip


# --- the condition ---------------------------------------------------------------------------------------------------


def _where(request: HttpRequest, item: str) -> HttpResponse:
    """GET: the editor of filters, its rows out of the address. POST: keep the condition."""
    row = row_of(request, item)
    actor = actor_of(request)
    record_type = actor.state.record_types.get(row.type_key)
    if record_type is None:
        raise NotFound()
    return edit_condition(
        request, record_type, row.where, act_url(KEY, "where", item), lead=_("Send what fits"),
        back={"label": row.name, "url": f"{WEBHOOKS.url}/{row.pk}"},
        save=lambda where: SaveSetting(SETTING, {"where": where}, row.pk),
    )  # fmt: skip


WEBHOOKS = kit.add(SettingsPage(
    KEY, lambda: _("Webhooks"), "bolt", 175, _cards,
    {"new": _new, "webhook": _save, "events": _save_events, "where": _where, "secret": _secret, "on": _switch(True),
     "off": _switch(False), "delete": _delete, "test": _test, "replay": _replay},
    permit="settings", shown=_open_to, words=lambda: _("send events to other programs, n8n, Make, Zapier, API"),
    intro=lambda: _("Another program is told at once of what happens here."),
    item_title=lambda request, item: row_of(request, item).name,
))  # fmt: skip
