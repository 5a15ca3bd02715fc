"""Sends what is due: one try is a claim, an exchange outside of any transaction, and a note of how it went.

A claim holds a lease: what a killed worker had in hand is tried again after it, with the same id.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from comity.access.snapshot import snapshot
from comity.api.webhooks import catalogue, events, payloads, signing, state
from comity.api.webhooks.commands import wake
from comity.api.webhooks.model import DROPPED, FAILED, SENT, WAITING, Delivery, Webhook, WebhookState
from comity.api.webhooks.state import Hook
from comity.identity import tokens
from comity.kernel import http
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, Problem
from comity.kernel.text import clean
from comity.kernel.transaction import write_transaction
from comity.timeline.models import Event

log = logging.getLogger("comity.webhooks")

# Waits between the tries of one message: the first goes out at once, the last some three days later.
PAUSES = tuple(
    timedelta(**one) for one in (
        {"seconds": 5}, {"minutes": 5}, {"minutes": 30}, {"hours": 2}, {"hours": 5}, {"hours": 10}, {"hours": 14},
        {"hours": 20}, {"hours": 24},
    )
)  # fmt: skip
JITTER = 0.1  # a part of the wait on top, so that not everything comes back in one moment
# How long a server that is in trouble as a whole is left alone, by how often it was met so in a row.
RESTS = tuple(timedelta(seconds=one) for one in (5, 30, 120, 300, 600))
LONGEST_REST = timedelta(days=1)  # however long a server asks for
PATIENCE = timedelta(days=5)  # of nothing but failure
LEASE = timedelta(seconds=90)
TIMEOUT = 20.0
MOST_BYTES = 64 * 1024
KEPT_ANSWER = 2000  # characters
ROUND = 30.0  # seconds one webhook is worked at before others have their turn
SOON = timedelta(seconds=60)  # what is due later is found by the sweep


@dataclass
class Outcome:
    """How a try went. `error` is a key of words.ERRORS, "" = it arrived."""

    error: str = ""
    code: int | None = None
    answer: str = ""
    took: int = 0
    rest: timedelta | None = None  # the server asks to be left alone so long
    troubled: bool = False  # the server as a whole, not this message


def due(at: datetime) -> QuerySet[Delivery]:
    """What waits for a try at that moment."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    return Delivery.objects.filter(free, state=WAITING, next_at__lte=at)


def work_off(webhook_id: UUID) -> bool:
    """Send what is due for one webhook, one message after the other; True when its time is up and more is due."""
    until = time.monotonic() + ROUND
    while (one := claim(webhook_id)) is not None:
        attempt(one)
        if time.monotonic() > until:
            return True
    _plan(webhook_id)
    return False


def claim(webhook_id: UUID) -> Delivery | None:
    """The next message, taken for this worker; None when there is none, or the webhook is off or at rest."""
    moment = now()
    mine = due(moment).filter(webhook_id=webhook_id)
    if webhook_id not in state.of(snapshot()) or not mine.exists():
        return None
    with write_transaction():
        if WebhookState.objects.filter(pk=webhook_id, paused_until__gt=moment).exists():
            return None
        one = mine.order_by("next_at", "id").select_for_update(skip_locked=True).first()
        if one is None:
            return None
        one.tries, one.lease_until, one.tried_at = one.tries + 1, moment + LEASE, moment
        one.save(update_fields=["tries", "lease_until", "tried_at"])
    return one


def attempt(one: Delivery) -> None:
    """One try of a claimed message."""
    hook = state.of(snapshot()).get(one.webhook_id)
    if hook is None:
        _mark(one, state=FAILED, error="off")
        return
    try:
        content = compose(hook, one)
    except Problem:
        raise
    except Exception:
        log.exception("webhook %s: message %s cannot be written", hook.id, one.message)
        _settle(one, Outcome("inside"))
        return
    if isinstance(content, str):
        _mark(one, state=DROPPED, error=content, request="", answer="", code=None, took=None)
        return
    one.request = payloads.encoded(content)
    _settle(one, _exchange(hook, one))


def compose(hook: Hook, one: Delivery) -> dict[str, Any] | str:
    """The message as its owner may know it now, or why nothing is sent."""
    owner = state.owner_of(hook, snapshot())
    if owner is None:
        return "owner"
    if hook.token_id is not None and not _token_works(hook.token_id):
        return "token"
    if one.event_id is None:
        return payloads.message(catalogue.TEST, one.at.isoformat(), {"webhook": str(hook.id)})
    event = Event.objects.filter(pk=one.event_id).first()
    found = payloads.fitting(owner, hook, [event]) if event else {}
    return (payloads.body(owner, found[one.event_id]) if one.event_id in found else None) or "closed"


def _token_works(token_id: UUID) -> bool:
    row = tokens.find(token_id)
    return row is not None and (row.expires_at is None or row.expires_at > now())


def _exchange(hook: Hook, one: Delivery) -> Outcome:
    body = one.request.encode()
    headers = signing.headers(hook.id, one.message, now(), body)
    began = time.monotonic()
    try:
        answer = http.fetch(
            hook.url, method="POST", headers=headers, body=body, timeout=getattr(settings, "WEBHOOK_TIMEOUT", TIMEOUT),
            max_bytes=MOST_BYTES, max_redirects=0, cut=True,
        )  # fmt: skip
    except Invalid:
        return Outcome("address", took=_since(began), troubled=True)
    except Problem:
        return Outcome("unreachable", took=_since(began), troubled=True)
    return judged(answer, _since(began))


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def judged(answer: http.Answer, took: int) -> Outcome:
    """What an answer means."""
    text = clean(answer.body.decode("utf-8", "replace"))[:KEPT_ANSWER]
    found = Outcome("", answer.status, text, took)
    if 200 <= answer.status < 300:
        return found
    if answer.status == 410:
        found.error = "gone"
    elif 300 <= answer.status < 400:
        found.error = "redirect"
    else:
        found.error = "refused" if answer.status < 500 else "server"
    found.troubled = answer.status == 429 or answer.status >= 500
    found.rest = _asked_rest(answer.headers.get("retry-after", "")) if answer.status in (429, 503) else None
    return found


def _asked_rest(text: str) -> timedelta | None:
    """Retry-After: seconds, or a date."""
    if text.strip().isdecimal() and len(text.strip()) < 10:
        return min(timedelta(seconds=int(text)), LONGEST_REST)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return min(max(until - now(), timedelta()), LONGEST_REST)


# --- what follows ----------------------------------------------------------------------------------------------------


def _settle(one: Delivery, how: Outcome) -> None:
    """Note how a try went, plan the next one, and give up where there is no hope."""
    moment = now()
    values: dict[str, Any] = {
        "request": one.request, "answer": how.answer, "code": how.code, "took": how.took, "error": how.error,
        "state": WAITING if how.error else SENT,
    }  # fmt: skip
    hopeless = how.error == "gone" or one.tries > len(PAUSES)
    if how.error and hopeless:
        values["state"] = FAILED
    elif how.error:
        values["next_at"] = moment + max(pause(one.message, one.tries), how.rest or timedelta())
    with write_transaction():
        _mark(one, **values)
        failing_since = _note_health(one.webhook_id, how, moment)
    if how.error == "gone":
        events.disable(one.webhook_id, events.GONE)
    elif failing_since is not None and moment - failing_since >= PATIENCE:
        events.disable(one.webhook_id, events.FAILING)


def _mark(one: Delivery, **values: Any) -> None:
    """Change the row if this try still owns it: a replay, or a worker after a lost lease, counts anew."""
    with write_transaction():
        owned = Delivery.objects.filter(pk=one.pk, state=WAITING, tries=one.tries, lease_until=one.lease_until)
        owned.update(lease_until=None, **values)


def _note_health(webhook_id: UUID, how: Outcome, moment: datetime) -> datetime | None:
    """Remember how the other side is doing; since when there is nothing but failure."""
    if not Webhook.objects.filter(pk=webhook_id).exists():
        return None  # deleted meanwhile
    health, _made = WebhookState.objects.get_or_create(pk=webhook_id)
    if not how.error:
        health.failing_since, health.failures, health.paused_until = None, 0, None
    else:
        health.failing_since = health.failing_since or moment
    if how.error and how.troubled:
        health.failures += 1
        rest = how.rest or RESTS[min(health.failures, len(RESTS)) - 1]
        health.paused_until = moment + rest
    health.save()
    return health.failing_since


def pause(message: str, tries: int) -> timedelta:
    """How long a message waits after so many tries, a little longer or shorter by its id."""
    wait = PAUSES[min(tries, len(PAUSES)) - 1]
    part = int.from_bytes(hashlib.sha256(f"{message}.{tries}".encode()).digest()[:2], "big") / 0xFFFF
    return wait + wait * JITTER * part


def _plan(webhook_id: UUID) -> None:
    """Wake up again for what is due soon; the rest is found by the sweep."""
    if webhook_id not in state.of(snapshot()):
        return
    moment = now()
    waiting = Delivery.objects.filter(webhook_id=webhook_id, state=WAITING, lease_until=None)
    next_at = waiting.aggregate(next=Min("next_at"))["next"]
    paused = WebhookState.objects.filter(pk=webhook_id).values_list("paused_until", flat=True).first()
    at = max(one for one in (next_at, paused) if one) if next_at else None
    if at is not None and moment < at <= moment + SOON:
        with write_transaction():
            wake(webhook_id, at)
