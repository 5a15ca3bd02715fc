"""One-time links: an invitation or a new password, handed over by an administrator; no mail server is needed."""

from datetime import timedelta
from uuid import UUID

from comity.identity import secrets
from comity.identity.models import OneTimeLink
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction

LIFETIME = timedelta(hours=72)


def path(secret: str) -> str:
    """The address of a link's page, from the root of the installation."""
    return f"/welcome/{secret}"


def make(user_id: UUID, purpose: str, created_by: UUID | None) -> str:
    """A new link (purpose "invite" or "reset"); returns its secret. Earlier unused ones of the user stop working."""
    secret = secrets.new()
    moment = now()
    with write_transaction():
        OneTimeLink.objects.filter(user_id=user_id, used_at=None).delete()
        OneTimeLink.objects.create(
            key_hash=secrets.digest(secret), user_id=user_id, purpose=purpose, created_by=created_by,
            created_at=moment, expires_at=moment + LIFETIME,
        )  # fmt: skip
    return secret


def find(secret: str) -> OneTimeLink | None:
    """The link, with its user, while it works: not used, not expired, the user not switched off."""
    return (
        OneTimeLink.objects.select_related("user")
        .filter(key_hash=secrets.digest(secret), used_at=None, expires_at__gt=now(), user__active=True)
        .first()
    )


def use(link: OneTimeLink) -> bool:
    """Spend the link; False when another request was faster."""
    with write_transaction():
        return bool(OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now()))


def end_all(user_id: UUID) -> None:
    """Make a user's unused links useless."""
    with write_transaction():
        OneTimeLink.objects.filter(user_id=user_id, used_at=None).delete()
