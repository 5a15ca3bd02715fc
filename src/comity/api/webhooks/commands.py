"""What people and programs do with webhooks: make, change, switch, a new secret, a test, a replay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.bounds import Bounds
from comity.api.webhooks import catalogue, signing
from comity.api.webhooks.model import DROPPED, FAILED, HOOK, SENT, WAITING, Delivery, Webhook, WebhookState
from comity.api.webhooks.settings import SETTING, may_write
from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.colleagues import own_id
from comity.changes.settings import DeleteSetting, Row, existing, ref_of, setting_type, told, write
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import NotFound, Refused

Values = dict[str, Any]


def held(work: Work, webhook_id: UUID) -> Row:
    """The row, held until the transaction ends, for who may write it; raises NotFound, Refused."""
    row = existing(setting_type(SETTING), webhook_id)
    if not may_write(work.actor, row):
        raise Refused()
    return row


def wake(webhook_id: UUID, at: datetime | None = None) -> None:
    """Let the worker send what is due, inside the caller's transaction."""
    key = f"webhook:{webhook_id}:{at.isoformat()}" if at else None
    jobs.enqueue("webhooks.send", {"webhook": str(webhook_id)}, key=key, run_at=at)


def new_message() -> str:
    """The id of a message: the same with every try."""
    return f"msg_{uuid4().hex}"


def _made(work: Work, row: Row, values: Values) -> None:
    write(work, setting_type(SETTING), row, {}, values)
    WebhookState.objects.create(webhook_id=row.pk)
    work.result.secret = signing.new_key(row.pk)


@dataclass
class MakeWebhook:
    """A webhook of the settings; `result.secret` is what its messages are signed with."""

    key: ClassVar[str] = "webhook.make"
    values: Values

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid. The address is to be asked after before: settings.check_reachable."""
        _made(work, Webhook(owner_id=own_id(work.actor)), self.values)


@dataclass
class Subscribe:
    """A webhook that a program makes for itself; it acts with the rights of the program's token, and ends with that."""

    key: ClassVar[str] = "webhook.subscribe"
    url: str
    events: Sequence[str]
    type_key: str = ""
    where: Values = field(default_factory=dict)
    name: str = ""
    token_id: UUID | None = None

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid."""
        bounds: Bounds | None = work.actor.bounds
        row = Webhook(
            owner_id=own_id(work.actor), source=HOOK, token_id=self.token_id,
            scopes="" if bounds is None or bounds.whole else str(bounds),
        )  # fmt: skip
        name = self.name or _("Subscription of a program")
        _made(work, row, {"name": name, "url": self.url, "events": list(self.events), "type_key": self.type_key,
                          "where": self.where})  # fmt: skip


@dataclass
class Unsubscribe:
    """A program's subscription ends; another one's is not there for it."""

    key: ClassVar[str] = "webhook.unsubscribe"
    webhook_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        mine = Webhook.objects.filter(pk=self.webhook_id, source=HOOK, owner_id=own_id(work.actor))
        if not mine.exists():
            raise NotFound()
        DeleteSetting(SETTING, self.webhook_id).apply(work)


@dataclass
class SwitchWebhook:
    """Off: nothing is sent, what waits counts as failed and can be sent again. On: from this moment."""

    key: ClassVar[str] = "webhook.switch"
    webhook_id: UUID
    active: bool

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        switch(work, held(work, self.webhook_id), self.active)


def switch(work: Work, row: Row, active: bool, reason: str = "") -> None:
    """Switch a row on or off and tell it; `reason` when the house does it."""
    if row.active == active:
        work.result.records.append(ref_of(SETTING, row))
        return
    before = writer.setting_values(row)
    row.active, row.off_reason = active, reason
    row.save(update_fields=["active", "off_reason"])
    if active:
        fresh(row.pk)
    else:
        waiting = Delivery.objects.filter(webhook_id=row.pk, state=WAITING)
        waiting.update(state=FAILED, error="off", lease_until=None)
    told(work, setting_type(SETTING), row, before)


def fresh(webhook_id: UUID) -> None:
    """The other side begins anew: what it failed before does not count, and nothing waits for it to recover."""
    clean = {"failing_since": None, "failures": 0, "paused_until": None}
    WebhookState.objects.update_or_create(webhook_id=webhook_id, defaults=clean)


@dataclass
class RotateSecret:
    """A new secret (`result.secret`); for a day messages are signed with the one before as well."""

    key: ClassVar[str] = "webhook.rotate"
    webhook_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        row = held(work, self.webhook_id)
        work.result.secret = signing.new_key(row.pk)
        payload = {"setting": SETTING, "name": row.name, "changes": {"secret": [None, "new"]}}
        work.tell("setting.changed", ref_of(SETTING, row), payload)


@dataclass
class SendTest:
    """A message that says nothing, to see whether it arrives. `result.data` {"delivery": id}."""

    key: ClassVar[str] = "webhook.test"
    webhook_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused (also while it is switched off)."""
        row = _sending(work, self.webhook_id)
        moment = now()
        made = Delivery.objects.create(
            webhook_id=row.pk, message=new_message(), type=catalogue.TEST, at=moment, next_at=moment, created_at=moment
        )
        work.result.data["delivery"] = made.pk
        work.result.records.append(ref_of(SETTING, row))


def _sending(work: Work, webhook_id: UUID) -> Row:
    row = held(work, webhook_id)
    if not row.active:
        raise Refused(_("This webhook is switched off."), todo=_("Switch it on first."))
    fresh(row.pk)
    wake(row.pk)
    return row


@dataclass
class Replay:
    """Send again: one message whatever became of it, or all that failed since a moment. The ids stay the same, and
    what may be told is judged anew. `result.data` {"deliveries": how many}."""

    key: ClassVar[str] = "webhook.replay"
    webhook_id: UUID
    delivery_id: int | None = None
    since: datetime | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused (also while it is switched off)."""
        row = _sending(work, self.webhook_id)
        rows = Delivery.objects.filter(webhook_id=row.pk)
        if self.delivery_id is not None:
            rows = rows.filter(pk=self.delivery_id, state__in=(SENT, FAILED, DROPPED))
        else:
            rows = rows.filter(state=FAILED)
            rows = rows.filter(at__gte=self.since) if self.since else rows
        count = rows.update(state=WAITING, tries=0, next_at=now(), lease_until=None, error="")
        work.result.data["deliveries"] = count
        work.result.records.append(ref_of(SETTING, row))


def readers(actor: Actor) -> Any:
    """The webhooks whose settings and log he may open."""
    rows = Webhook.objects.order_by("name", "id")
    return rows if actor.administrator else rows.filter(owner_id=actor.user_id)
