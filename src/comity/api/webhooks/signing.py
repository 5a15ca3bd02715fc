"""Signatures after Standard Webhooks: secrets worked out from the installation's own, headers of a message."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from comity.api.webhooks.model import WebhookKey
from comity.kernel.clock import now

PREFIX = "whsec_"
BOTH_VALID = timedelta(hours=24)  # after a new secret was made


def new_key(webhook_id: UUID) -> str:
    """A new secret beside which the one before stays valid for a day; inside the caller's transaction."""
    moment = now()
    WebhookKey.objects.filter(webhook_id=webhook_id, until__lte=moment).delete()
    WebhookKey.objects.filter(webhook_id=webhook_id, until=None).update(until=moment + BOTH_VALID)
    row = WebhookKey.objects.create(webhook_id=webhook_id, salt=secrets.token_urlsafe(32), made_at=moment)
    return PREFIX + base64.b64encode(_secret(row)).decode()


def _secret(row: WebhookKey) -> bytes:
    """32 bytes that cannot be told from the base alone."""
    key: str = settings.SECRET_KEY
    return hmac.new(key.encode(), f"webhook:{row.webhook_id}:{row.salt}".encode(), hashlib.sha256).digest()


def valid_keys(webhook_id: UUID) -> list[WebhookKey]:
    """The keys that sign now, the newest first."""
    rows = WebhookKey.objects.filter(Q(until=None) | Q(until__gt=now()), webhook_id=webhook_id)
    return list(rows.order_by("-made_at", "-id"))


def headers(webhook_id: UUID, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """What goes with a message: its id, the moment of this try, a signature by each valid key."""
    stamp = str(int(at.timestamp()))
    signed = f"{message}.{stamp}.".encode() + body
    made = [
        "v1," + base64.b64encode(hmac.new(_secret(row), signed, hashlib.sha256).digest()).decode()
        for row in valid_keys(webhook_id)
    ]
    return {
        "content-type": "application/json", "webhook-id": message, "webhook-timestamp": stamp,
        "webhook-signature": " ".join(made),
    }  # fmt: skip
