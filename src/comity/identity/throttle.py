"""Slows the guessing of passwords down: per login name, and per address, within a moving quarter of an hour."""

from datetime import timedelta
from math import ceil

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.identity.models import LoginFailure
from comity.kernel.clock import now
from comity.kernel.errors import TooMany
from comity.kernel.text import fold
from comity.kernel.transaction import write_transaction

WINDOW = timedelta(minutes=15)
PER_NAME = 5
PER_ADDRESS = 20


def attempt(name: str, address: str) -> int:
    """Count a try before its password is looked at (so guesses sent at once gain nothing); raises TooMany.

    Returns how many tries the name has had of late, this one among them.

    `succeeded` takes the count back when the password was right.
    """
    moment = now()
    with write_transaction():
        LoginFailure.objects.filter(at__lte=moment - WINDOW).delete()
        scopes = [(scope, limit) for scope, limit in _scopes(name, address)]
        tries: list[int] = []
        for scope, limit in scopes:
            _one_at_a_time(scope)
            held = list(LoginFailure.objects.filter(scope=scope).order_by("-at")[:limit].values_list("at", flat=True))
            if len(held) >= limit:
                raise _wait(held[-1] + WINDOW - moment)
            tries.append(len(held) + 1)
        LoginFailure.objects.bulk_create([LoginFailure(scope=scope, at=moment) for scope, _limit in scopes])
    return tries[0]


def _one_at_a_time(scope: str) -> None:
    """Whoever counts under the same name waits until this transaction ends; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [scope])


def succeeded(name: str, address: str) -> None:
    """Forget the wrong tries of a name; the address keeps its other ones, less this."""
    with write_transaction():
        (name_scope, _limit), *others = _scopes(name, address)
        LoginFailure.objects.filter(scope=name_scope).delete()
        for scope, _limit in others:
            last = LoginFailure.objects.filter(scope=scope).order_by("-id").values("id")[:1]
            LoginFailure.objects.filter(pk__in=list(last.values_list("id", flat=True))).delete()


def _scopes(name: str, address: str) -> list[tuple[str, int]]:
    found = [(f"email:{fold(name)}"[:320], PER_NAME)]
    return [*found, (f"address:{address}", PER_ADDRESS)] if address else found


def _wait(left: timedelta) -> TooMany:
    minutes = max(1, ceil(left.total_seconds() / 60))
    text = ngettext("Try again in %(count)s minute.", "Try again in %(count)s minutes.", minutes) % {"count": minutes}
    return TooMany(_("Too many wrong passwords in a short time."), retry_after=ceil(left.total_seconds()), todo=text)
