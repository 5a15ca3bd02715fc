"""Two at one lead in the same moment: it becomes one deal, and the second is told."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.identity.models import Organization
from comity.kernel import transaction
from comity.kernel.errors import Conflict
from comity.kernel.transaction import write_transaction
from comity.sales.leads.commands import ConvertLead, RefuseLead
from comity.sales.models import Deal
from support.house import administrator
from support.leads import lead, make
from support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def someone_waits() -> bool:
    """Whether another thread stands before what this one's open transaction holds."""
    if connection.vendor == "sqlite":
        return bool(transaction._queue._waiting)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Do the second while the first is not committed yet; what each gave, or what the second raised."""
    found: list[Any] = []

    def other() -> None:
        try:
            found.append(second())
        except BaseException as problem:
            found.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with write_transaction():
        done = first()
        thread.start()
        assert eventually(someone_waits)
    thread.join(30)
    return [done, *found]


@pytest.fixture
def users() -> list[UUID]:
    """Two administrators."""
    Organization.objects.create(name="House", country="RU", language="ru", currency="RUB")
    return [administrator(name).user_id or UUID(int=0) for name in ("Anna", "Boris")]


def convert(user: UUID, key: UUID, press: str = "") -> Callable[[], Any]:
    return lambda: run(user_actor(user), ConvertLead(key, 1, "new", "", {}), key=press)


def test_of_two_who_convert_the_second_is_told_who_was_quicker(users: list[UUID]) -> None:
    key = make(user_actor(users[0]))
    _done, problem = at_once(convert(users[0], key), convert(users[1], key))
    assert isinstance(problem, Conflict) and "Anna" in str(problem)
    assert Deal.unguarded.count() == 1


def test_a_double_click_gives_one_answer(users: list[UUID]) -> None:
    key = make(user_actor(users[0]))
    first, second = at_once(convert(users[0], key, "press"), convert(users[0], key, "press"))
    assert not isinstance(second, BaseException), second
    assert first.data == second.data
    assert Deal.unguarded.count() == 1


def test_one_refuses_while_the_other_converts(users: list[UUID]) -> None:
    key = make(user_actor(users[0]))
    refuse = lambda: run(user_actor(users[1]), RefuseLead(key, 1, "spam"))  # noqa: E731 - as its twin above
    _done, problem = at_once(convert(users[0], key), refuse)
    assert isinstance(problem, Conflict)
    assert lead(key).state == "converted"
