"""Who is told what of tasks: given, late, reminded, asked to help, finished; each once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.changes import batch, commands, dispatcher
from comity.changes.bus import run
from comity.identity.models import Team, User
from comity.kernel import clock
from comity.notices.bell import recent
from comity.timeline.models import Event
from comity.work.models import Task
from comity.work.tasks.alarms import tell_due
from comity.work.tasks.commands import FinishTask, GiveTask, HelpTask, MoveTask
from support.house import again, colleague

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.stopped(NOON):
        yield


def plan(actor: Actor, **more: Any) -> UUID:
    values = {"name": "Call", "due_at": "2026-03-03T15:00Z", **more}
    return run(again(actor), commands.create("task", values)).record.id


def told(actor: Actor) -> list[str]:
    """What stands in his bell, the oldest first."""
    dispatcher.drain()
    items = [item for group in recent(again(actor))[0] for item in group.items]
    return [item.text for item in sorted(items, key=lambda one: one.id)]


def test_who_is_given_a_task_hears_of_it_once(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    key = plan(anna, owner=str(boris.user_id))
    assert told(boris) == ["Anna gave you this task"]
    run(again(boris), GiveTask(key, 0, anna.user_id))
    assert told(anna) == ["Boris gave you this task"]
    assert told(boss) == []


def test_forty_given_at_once_are_one_notice(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    keys = [plan(anna, name=f"Step {n}") for n in range(40)]
    batch.start(again(boss), batch.StartBatch("task", "update", keys, {"values": {"owner": str(boris.user_id)}}))
    assert told(boris) == ["Boss gave you several tasks, this one among them"]


def test_asked_to_help_and_finished_by_another(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    key = plan(anna)
    run(again(anna), HelpTask(key, boris.user_id, True))  # type: ignore[arg-type]
    assert told(boris) == ["Anna asks you to help with this task"]
    run(again(boris), FinishTask(key, 0, "Done"))
    assert told(anna) == ["Boris finished this task"]


def test_late_names_who_holds_it_to_his_manager_and_once_a_deadline(boss: Actor) -> None:
    anna, boris = colleague("Anna", "all"), colleague("Boris")
    User.objects.filter(pk=boris.user_id).update(manager_id=anna.user_id)
    from comity.access.snapshot import changed

    changed()
    key = plan(boris)
    assert tell_due() == 0
    with clock.stopped(NOON + timedelta(hours=4)):
        assert (tell_due(), tell_due()) == (1, 0)
        assert told(boris) == ["The deadline of your task has passed"]
        assert told(anna) == ["Boris is late with this task"]
        run(again(boris), MoveTask(key, 0, "2026-03-04T09:00Z", False, "no_time"))
        assert tell_due() == 0
    with clock.stopped(NOON + timedelta(days=1)):
        assert tell_due() == 1
        assert len(told(boris)) == 2
        assert Task.unguarded.get(pk=key).version == 2  # an alarm is no version of the task
    assert Event.objects.filter(type="task.late", actor_kind="system").count() == 2


def test_late_without_a_manager_is_told_to_who_leads_the_team(boss: Actor) -> None:
    team = Team.objects.create(name="Sales")
    head, anna = colleague("Head", "team", team=team, lead=True), colleague("Anna", team=team)
    other = colleague("Other", "team", team=Team.objects.create(name="Else"), lead=True)
    plan(anna)
    with clock.stopped(NOON + timedelta(hours=4)):
        tell_due()
        assert told(head) == ["Anna is late with this task"]
        assert told(other) == []


def test_closed_and_trashed_tasks_are_quiet(boss: Actor) -> None:
    done, gone = plan(boss), plan(boss)
    run(again(boss), FinishTask(done, 0, "Done"))
    run(again(boss), commands.Trash("task", gone))
    with clock.stopped(NOON + timedelta(hours=4)):
        assert tell_due() == 0


def test_a_reminder_comes_at_its_time(boss: Actor) -> None:
    key = plan(boss, remind_at="2026-03-03T14:30Z")
    with clock.stopped(NOON + timedelta(hours=2)):
        assert tell_due() == 0
    with clock.stopped(NOON + timedelta(hours=2, minutes=45)):
        assert (tell_due(), tell_due()) == (1, 0)
        assert told(boss) == ["You asked to be reminded of this task"]
        run(again(boss), commands.update("task", key, 0, {"remind_at": "2026-03-03T14:40Z"}))
        assert tell_due() == 1


def test_many_deadlines_of_one_minute_are_told_in_pieces(boss: Actor) -> None:
    for n in range(150):
        plan(boss, name=f"Step {n}")
    with clock.stopped(NOON + timedelta(hours=4)):
        assert tell_due() == 150
        assert tell_due() == 0
