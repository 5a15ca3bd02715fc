"""Two hands at the tasks of one card in the same moment: the next step is true after both, nothing is done twice."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import user_actor
from comity.changes import commands
from comity.changes.bus import run
from comity.kernel.errors import Conflict
from comity.timeline.models import Event
from comity.work.models import Task
from comity.work.tasks.commands import FinishTask, RepeatTask
from support.acts import card
from support.at_once import at_once
from support.house import administrator, company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> Any:
    """The id of an administrator."""
    return administrator().user_id


def plan(user: Any, ref: Any, name: str, day: int) -> UUID:
    values = {"name": name, "due_at": f"2030-03-{day:02}T10:00Z", "about": str(ref)}
    return run(user_actor(user), commands.create("task", values)).record.id


def finish(user: Any, key: UUID) -> Callable[[], Any]:
    return lambda: run(user_actor(user), FinishTask(key, 0, "Done"))


def test_two_tasks_of_a_card_finished_at_once_leave_the_third(user: Any) -> None:
    ref = company(user_actor(user), "Lotus")
    first, second = plan(user, ref, "One", 1), plan(user, ref, "Two", 2)
    plan(user, ref, "Three", 3)
    assert at_once(finish(user, first), finish(user, second)) is None
    assert card(ref).next_text == "Three"


def test_one_planned_while_the_last_is_finished_is_the_next_step(user: Any) -> None:
    ref = company(user_actor(user), "Lotus")
    only = plan(user, ref, "One", 1)
    assert at_once(finish(user, only), lambda: plan(user, ref, "Two", 2)) is None
    assert card(ref).next_text == "Two"


def test_a_repeated_task_finished_twice_comes_again_once(user: Any) -> None:
    ref = company(user_actor(user), "Lotus")
    key = plan(user, ref, "One", 1)
    run(user_actor(user), RepeatTask(key, 0, "FREQ=DAILY"))
    assert isinstance(at_once(finish(user, key), finish(user, key)), Conflict)
    assert Task.unguarded.filter(follows_task=key).count() == 1
    assert Event.objects.filter(type="task.finished").count() == 1
