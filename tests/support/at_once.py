"""Two hands at one thing in the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from comity.kernel import transaction
from comity.kernel.transaction import write_transaction
from support.waiting import eventually


def someone_waits() -> bool:
    """Whether another thread stands before what this one's open transaction holds."""
    if connection.vendor == "sqlite":
        return bool(transaction._queue._waiting)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> BaseException | None:
    """Do the second while the first is not committed yet; what the second raised."""
    raised: list[BaseException] = []

    def other() -> None:
        try:
            second()
        except BaseException as problem:
            raised.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with write_transaction():
        first()
        thread.start()
        assert eventually(someone_waits)
    thread.join(30)
    return raised[0] if raised else None
