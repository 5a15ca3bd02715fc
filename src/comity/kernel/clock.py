"""The one clock: tests may stop it, nothing else reads the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """The present moment in UTC (aware)."""
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block: for tests and dated demo data."""
    token = _stopped.set(at)
    try:
        yield
    finally:
        _stopped.reset(token)
