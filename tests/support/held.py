"""A base made once for several tests: each begins with it, and what a test writes is taken back to there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def held(blocker: Any) -> Iterator[None]:
    """What is written inside stays for the block and goes after it; the tests of a block are savepoints in it.

    For a fixture of a module: `django_db_blocker` lets it at the base, of which `django_db_setup` has made the tables.
    """
    from comity.access import snapshot

    with blocker.unblock(), transaction.atomic():
        snapshot.forget()
        try:
            yield
        finally:
            transaction.set_rollback(True)
