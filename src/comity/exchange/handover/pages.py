"""Clients given to others: which, to whom, a preview with counts, done, taken back."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.models import Batch
from comity.exchange.handover import commands
from comity.exchange.handover.commands import PlanHandover
from comity.exchange.handover.model import Handover
from comity.exchange.handover.planning import EVEN, Options, Plan, clients, make
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.pages.settings import kit
from comity.ui.render import done, fresh_key, page

FLAGS = ("work", "keep_view", "shares")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def may(actor: Actor) -> bool:
    """Whether he may give clients of others away: those of his team at least."""
    return any(actor.scope(one.key, "edit") in ("team", "all") for one in clients(actor))


def split_words() -> dict[str, str]:
    """The ways to share clients out, in words."""
    return {
        "even": _("The same number of clients"), "deals": _("The same amount of open work"),
        "turnover": _("The same turnover"), "region": _("By region: clients of one place together"),
    }  # fmt: skip


def _users(actor: Actor, *, active: bool) -> list[dict[str, str]]:
    users = actor.state.users
    return [{"value": str(key), "label": one.name} for key, one in users.items() if one.active or not active]


def begin(request: HttpRequest) -> HttpResponse:
    """GET: whose clients. POST: on to the plan."""
    actor = _actor(request)
    if not may(actor):
        raise NotFound()
    errors: list[str] = []
    if request.method == "POST":
        try:
            chosen = UUID(request.POST.get("from_user", ""))
            result = run(actor, PlanHandover(from_user=chosen), key=request.POST.get("idempotency", ""))
            return done(request, f"/handover/{result.data['handover']}")
        except (ValueError, Invalid):
            errors = [_("Choose one of the list.")]
    form = {
        "title": _("Hand over clients"), "url": "/handover", "submit_label": _("Next"), "cancel_url": "/",
        "idempotency": fresh_key(), "errors": [{"text": text, "field_id": "i-from_user"} for text in errors],
        "groups": [{"label": "", "help": _("Nothing happens yet: you see first who would get what."), "fields": [
            {"key": "from_user", "kind": "user", "label": _("All that belongs to"), "required": True, "value": "",
             "choices": _users(actor, active=False), "errors": errors},
        ]}],
    }  # fmt: skip
    return page(request, "ui/form.html", 422 if errors else 200, form=form)


def options_of(values: QueryDict) -> Options:
    """What a form says; without a form, what it begins with."""
    to = []
    for one in dict.fromkeys(filter(None, values.getlist("to"))):
        try:
            to.append(UUID(one))
        except ValueError:
            to.append(UUID(int=0))
    flags = {name: (values.getlist(name) or ["0" if name == "keep_view" else "1"])[-1] == "1" for name in FLAGS}
    return Options(tuple(to), values.get("split", EVEN), **flags)


def show(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """GET: the plan with what was chosen in the address; once carried out, what became of it."""
    actor = _actor(request)
    handover = commands.of(actor, plan_id)
    if handover.batches:
        return page(request, "exchange/handover_done.html", page=_told(actor, handover))
    return _preview(request, handover, options_of(request.GET))


def _preview(
    request: HttpRequest, handover: Handover, options: Options, said: str = "", status: int = 200
) -> HttpResponse:
    actor = _actor(request)
    errors: dict[str, list[str]] = {}
    made = Plan()
    if options.to or status != 200:
        try:
            commands.check(actor, options)
            made = make(actor, handover, options)
        except Invalid as problem:
            errors = {key: [str(text) for text in texts] for key, texts in problem.fields.items()}
            status = 422
    context = {
        "title": _("Hand over clients"), "said": said, "text": _whose(actor, handover),
        "url": f"/handover/{handover.pk}",
        "fields": _fields(actor, handover, options, errors), "chosen": bool(options.to) and not errors,
        "table": _table(actor, made), "number": sum(map(len, made.gives.values())),
        "hidden": [*_hidden(options), ["digest", made.digest], ["idempotency", fresh_key()]],
        "shared": _shared_words(made.shared),
        "back": _back(actor, handover),
    }  # fmt: skip
    return page(request, "exchange/handover.html", status, page=context)


def _shared_words(number: int) -> str:
    if not number:
        return ""
    return ngettext("%(n)s share passes along.", "%(n)s shares pass along.", number) % {"n": number}


def _back(actor: Actor, handover: Handover) -> dict[str, str]:
    record_type = actor.state.record_types.get(handover.type_key)
    if record_type is None:
        return {"url": "/handover", "label": _("Hand over clients")}
    return {"url": f"/{record_type.slug}/", "label": record_type.plural[actor.language]}


def _whose(actor: Actor, handover: Handover) -> str:
    if handover.from_user is not None:
        member = actor.state.users.get(handover.from_user)
        return _("All that belongs to %(name)s, as far as you may change it.") % {
            "name": member.name if member else "?"
        }
    number = len(handover.ids)
    return ngettext("%(n)s chosen card", "%(n)s chosen cards", number) % {"n": number}


def _fields(actor: Actor, handover: Handover, options: Options, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    users = [one for one in _users(actor, active=True) if one["value"] != str(handover.from_user)]
    fields: list[dict[str, Any]] = [
        {"key": "to", "kind": "multichoice", "label": _("Give to"), "value": [str(one) for one in options.to],
         "choices": users, "errors": errors.get("to", [])},
        {"key": "split", "kind": "choice", "label": _("Shared out among several"), "value": options.split,
         "choices": [{"value": key, "label": label} for key, label in split_words().items()], "required": True,
         "errors": errors.get("split", [])},
        {"key": "work", "kind": "bool", "label": _("With their open deals, inquiries and tasks"),
         "value": options.work},
        {"key": "keep_view", "kind": "bool", "label": _("Who had them goes on seeing them"),
         "value": options.keep_view},
    ]  # fmt: skip
    if handover.from_user is not None:
        fields.append({"key": "shares", "kind": "bool", "label": _("What is shared with the colleague passes along"),
                       "value": options.shares})  # fmt: skip
    return fields


def _hidden(options: Options) -> list[list[str]]:
    flags = [[name, "1" if getattr(options, name) else "0"] for name in FLAGS]
    return [["to", str(one)] for one in options.to] + [["split", options.split], *flags]


def _table(actor: Actor, made: Plan) -> dict[str, Any]:
    types = [actor.state.record_types[key] for key in made.gives]
    names = {key: one.name for key, one in actor.state.users.items()}
    return {
        "columns": [one.plural[actor.language] for one in types],
        "rows": [
            {"name": names.get(user, "?"), "cells": [load.get(one.key, 0) for one in types]}
            for user, load in sorted(made.loads.items(), key=lambda pair: names.get(pair[0], ""))
        ],
    }


@require_POST
def go(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """POST: do it as shown."""
    actor = _actor(request)
    handover, options = commands.of(actor, plan_id), options_of(request.POST)
    try:
        commands.start(actor, handover, options, request.POST.get("digest", ""), request.POST.get("idempotency", ""))
    except Invalid:
        return _preview(request, handover, options, status=422)
    except Conflict as problem:
        if commands.of(actor, plan_id).batches:
            return done(request, f"/handover/{plan_id}")
        return _preview(request, handover, options, f"{problem.what} {problem.todo}", 409)
    return done(request, f"/handover/{plan_id}")


def _told(actor: Actor, handover: Handover) -> dict[str, Any]:
    held, back = commands.batches_of(actor, handover), commands.taking_back(actor, handover)
    running = bool(back) or any(one.state == "running" for one in held)
    undone = bool(held) and all(one.state == "undone" for one in held)
    rows = [
        {"label": _act_words(actor, one), "done": one.done, "refused": one.refused, "at": one.done + one.refused,
         "total": one.total}
        for one in back or held
    ]  # fmt: skip
    return {
        "title": _("Hand over clients"), "text": _whose(actor, handover), "rows": rows, "running": running,
        "taking_back": bool(back), "undone": undone, "url": f"/handover/{handover.pk}",
        "refused": sum(one.refused for one in held),
        "undo_url": "" if running or undone else f"/handover/{handover.pk}/undo", "idempotency": fresh_key(),
        "back": _back(actor, handover),
    }  # fmt: skip


def _act_words(actor: Actor, held: Batch) -> str:
    record_type = actor.state.record_types.get(held.arguments["type"])
    label = record_type.plural[actor.language] if record_type else "?"
    return _("Shares: %(what)s") % {"what": label} if held.command == commands.PASS else label


@require_POST
def undo(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """POST: take all of it back."""
    actor = _actor(request)
    commands.take_back(actor, commands.of(actor, plan_id), request.POST.get("idempotency", ""))
    return done(request, f"/handover/{plan_id}", _("Taken back."))


def _go(request: HttpRequest, record_type: RecordType, ids: list[UUID]) -> HttpResponse:
    result = run(_actor(request), PlanHandover(record_type.key, ids))
    return done(request, f"/handover/{result.data['handover']}")


def _cards(request: HttpRequest, item: str) -> list[kit.Card]:
    return [kit.card(
        "handover", _("Hand over clients"),
        help=_("All clients of a colleague, or chosen ones, go to others with their open work. "
               "Chosen ones: mark them in their list, then “Hand over”."),
        actions=[kit.button(_("Hand over clients"), "/handover", icon="user-share", primary=True)],
    )]  # fmt: skip


def register() -> None:
    """In lists of clients, and in the settings."""
    registry.add(registry.BulkAction(
        "handover", "", lambda: _("Hand over"), "user-share",
        lambda actor, record_type: any(one.key == record_type.key for one in clients(actor)),
        lambda request, record_type, wrong: [], lambda request, record_type: {}, order=50, go=_go,
    ))  # fmt: skip
    kit.add(kit.SettingsPage(
        "handover", lambda: _("Hand over clients"), "user-share", 125, _cards, permit="users", shown=may,
        words=lambda: _("leaver, reassign, give clients to others"),
    ))  # fmt: skip
