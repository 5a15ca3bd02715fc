"""REST hooks for n8n, Make, Zapier and the like: a program subscribes itself, with the rights of its token's user."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.api.doors import actor_of, answer, body_of, key_of, types_of
from comity.api.webhooks import catalogue
from comity.api.webhooks.commands import Subscribe, Unsubscribe
from comity.api.webhooks.model import HOOK, Webhook
from comity.api.webhooks.samples import samples
from comity.api.webhooks.settings import check_reachable
from comity.changes.bus import run
from comity.kernel.errors import Invalid, NotFound
from comity.records.types import RecordType


def _as_json(row: Webhook) -> dict[str, Any]:
    return {"id": str(row.pk), "hookUrl": row.url, "event": row.events[0] if row.events else "",
            "events": row.events, "type": row.type_key or None, "where": row.where, "active": row.active}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    """The subscriptions of the token's user."""
    rows = Webhook.objects.filter(owner_id=actor_of(request).user_id, source=HOOK).order_by("id")
    return answer({"items": [_as_json(row) for row in rows]})


def subscribe(request: HttpRequest) -> HttpResponse:
    """A new subscription of {"hookUrl", "event" or "events", ["type"], ["where"], ["name"]}."""
    command = _subscription(request)
    try:
        check_reachable(command.url)
        keys: dict[str, Any] = dict(key_of(request))
        result = run(actor_of(request), command, **keys)
    except Invalid as problem:
        raise _renamed(problem) from problem
    return answer({"id": str(result.record.id)} | ({"secret": result.secret} if result.secret else {}), 201)


def _renamed(problem: Invalid) -> Invalid:
    """What is wrong, by the names that programs use."""
    names = {"url": "hookUrl", "events": "event", "type_key": "type"}
    return Invalid(fields={names.get(key, key): texts for key, texts in problem.fields.items()})


def _subscription(request: HttpRequest) -> Subscribe:
    body = body_of(request)
    url = body.get("hookUrl", body.get("target_url"))
    events = body.get("events", [body["event"]] if "event" in body else [])
    wrong: dict[str, list[str]] = {}
    if not isinstance(url, str) or len(url) > 2000:
        wrong["hookUrl"] = [_("Send the address that the messages go to.")]
    if not isinstance(events, list) or not events or not all(isinstance(one, str) for one in events):
        wrong["event"] = [_("Send the key of an event.")]
    type_key, where, name = body.get("type") or "", body.get("where") or {}, body.get("name") or ""
    if not isinstance(type_key, str):
        wrong["type"] = [_("Send the key of a kind of cards.")]
    if not isinstance(where, dict):
        wrong["where"] = [_("Send a condition tree as JSON.")]
    if not isinstance(name, str) or len(name) > 120:
        wrong["name"] = [_("Send a short text.")]
    if wrong:
        raise Invalid(fields=wrong)
    token_id: UUID | None = getattr(request, "token_id", None)
    return Subscribe(str(url), events, type_key, where, name, token_id)


def unsubscribe(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """A subscription ends."""
    run(actor_of(request), Unsubscribe(webhook_id))
    return HttpResponse(status=204)


def show(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One subscription."""
    row = Webhook.objects.filter(pk=webhook_id, owner_id=actor_of(request).user_id, source=HOOK).first()
    if row is None:
        raise NotFound()
    return answer(_as_json(row))


def events(request: HttpRequest) -> HttpResponse:
    """What may be subscribed."""
    items = [
        {"key": key, "label": label, "about": about}
        for _prefix, about, found in catalogue.groups(actor_of(request)) for key, label in found
    ]  # fmt: skip
    return answer({"items": items})


def sample(request: HttpRequest, event: str) -> HttpResponse:
    """Up to three messages as they would be sent (`type`: the kind of cards), newest first, as a JSON array."""
    actor = actor_of(request)
    if event not in catalogue.offered():
        raise NotFound()
    return JsonResponse(samples(actor, event, _type_of(actor, event, request.GET.get("type", ""))), safe=False)


def _type_of(actor: Actor, event: str, wanted: str) -> RecordType:
    known = {one.key: one for one in types_of(actor)}
    about = wanted or event.partition(".")[0]
    found = known.get(about) or (
        None if wanted or about in actor.state.record_types else next(iter(known.values()), None)
    )
    if found is None:
        raise NotFound()
    return found
