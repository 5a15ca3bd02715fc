"""How often a token may ask: so many requests a minute, counted in the memory of the web process.

One web process serves an installation on SQLite. Where several serve PostgreSQL, each counts for itself: a token then
has at most as many times its allowance as there are processes.
"""

from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from django.conf import settings

from comity.kernel.clock import now

WINDOW = 60  # seconds


@dataclass(frozen=True)
class Allowance:
    """What is left of this minute's; `reset` seconds until the next one begins."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool = False

    def headers(self) -> dict[str, str]:
        """As programs read them."""
        return {
            "RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }  # fmt: skip


class _Counter:
    """The requests of this minute by token; one dictionary a minute, so nothing piles up."""

    def __init__(self) -> None:
        self._lock, self._minute = Lock(), 0
        self._counts: dict[UUID, int] = {}

    def add(self, token_id: UUID, minute: int) -> int:
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts[token_id] = self._counts.get(token_id, 0) + 1
            return count


_counter = _Counter()


def take(token_id: UUID | None) -> Allowance | None:
    """Count a request of a token; None where nothing is limited."""
    limit = settings.API_RATE
    if token_id is None or not limit:
        return None
    minute, second = divmod(int(now().timestamp()), WINDOW)
    count = _counter.add(token_id, minute)
    return Allowance(limit, max(0, limit - count), WINDOW - second, count > limit)
