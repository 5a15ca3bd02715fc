"""Drafts of forms: their one small writer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict

from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.kernel.jobs import Beat, schedule
from comity.kernel.transaction import write_transaction
from comity.records.prepared import EVERYBODYS, Slot
from comity.ui.models import Draft

KEPT_DAYS = 30
MAX_SIZE = 100_000  # characters of the urlencoded form


@dataclass(frozen=True)
class _OfPerson:
    """One draft of one person."""

    def build(self) -> Any:
        """The query; its slots are the user and the draft's key."""
        user, key = Slot("user", Draft._meta.get_field("user_id")), Slot("key", Draft._meta.get_field("key"))
        return Draft.objects.filter(user_id=user, key=key).values_list("data")


def _whose(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise ValueError("only people have drafts")
    return actor.user_id


def draft_of(actor: Actor, key: str) -> QueryDict | None:
    """What the person had typed into that form."""
    rows = EVERYBODYS.of(_OfPerson()).rows(user=actor.user_id, key=key[:80])
    return QueryDict(rows[0][0]) if rows else None


def save_draft(actor: Actor, key: str, data: str) -> None:
    """Keep what is typed now; larger ones than any honest form are left alone."""
    if len(data) > MAX_SIZE:
        return
    with write_transaction():
        Draft.objects.update_or_create(user_id=_whose(actor), key=key[:80], defaults={"data": data, "saved_at": now()})


def forget_draft(actor: Actor, key: str) -> None:
    """The form was sent, or its draft thrown away."""
    drafts = Draft.objects.filter(user_id=_whose(actor), key=key[:80])
    if drafts.exists():
        with write_transaction():
            drafts.delete()


@schedule("ui.old-drafts", daily="03:40")
def _forget_old(args: dict[str, object], beat: Beat) -> None:
    with write_transaction():
        Draft.objects.filter(saved_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()
