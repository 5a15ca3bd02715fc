"""What the house itself does with a webhook that can't be reached, and whom it tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor, system
from comity.access.snapshot import Snapshot
from comity.api.webhooks.commands import switch
from comity.api.webhooks.model import HOOK
from comity.api.webhooks.settings import SETTING
from comity.changes.bus import Work, run
from comity.changes.settings import DeleteSetting, existing, ref_of, setting_type
from comity.kernel.errors import NotFound
from comity.notices import kinds
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

GONE, FAILING = "gone", "failing"


@dataclass
class Disable:
    """Switch a webhook off and tell its owner and the administrators; a subscription whose target is gone goes too."""

    key: ClassVar[str] = "webhook.disable"
    webhook_id: UUID
    reason: str

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        row = existing(setting_type(SETTING), self.webhook_id)
        if row.source == HOOK and self.reason == GONE:
            DeleteSetting(SETTING, row.pk).apply(work)
            return
        if row.active:
            payload = {"name": row.name, "reason": self.reason, "owner": str(row.owner_id)}
            work.tell("webhook.disabled", ref_of(SETTING, row), payload)
            switch(work, row, active=False, reason=self.reason)


def disable(webhook_id: UUID, reason: str) -> None:
    """The house switches it off."""
    try:
        run(system("webhooks"), Disable(webhook_id, reason))
    except NotFound:
        return  # somebody has deleted it meanwhile


def _for_concerned(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.administrator or str(actor.user_id) == payload["owner"] else None


def _concerned(event: Event, state: Snapshot) -> Iterable[UUID]:
    owner = [key for key in state.users if str(key) == event.payload["owner"]]
    return [*owner, *(key for key, one in state.users.items() if one.administrator)]


def _text(data: Any, name: str) -> str:
    if data["reason"] == GONE:
        return _("This webhook is switched off: the other side says that the address is gone")
    return _("This webhook is switched off: the other side could not be reached for days")


register(EventType("webhook.disabled", lambda p, a: _("switched off the webhook “%(name)s”") % {"name": p["name"]},
                   icon="link-off", redact=_for_concerned))  # fmt: skip
kinds.register(
    kinds.NoticeKind(
        "webhook.disabled", lambda: _("A webhook is switched off because it can’t be reached"), ("webhook.disabled",),
        _concerned, _text, "link-off", tone="bad", first=True,
        data=lambda event: {"reason": event.payload["reason"], "name": event.payload["name"],
                            "webhook": str(event.primary_id)},
        place=lambda data: (data["name"], f"/settings/webhooks/{data['webhook']}"),
    )
)  # fmt: skip
