"""Tasks: planned, given, moved with a reason, finished with a result and a next step, taken back; who sees them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import batch, commands, dispatcher
from comity.changes.bus import Result, run
from comity.changes.commands import Restore, Trash
from comity.changes.undo import Undo
from comity.kernel import clock
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records import types
from comity.records.models import RecordRef
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.models import Task
from comity.work.tasks.commands import (
    ChangeChecklist,
    DropTask,
    FinishTask,
    GiveTask,
    HelpTask,
    MoveTask,
    ReopenTask,
    TickItem,
    helpers_of,
)
from support.acts import card
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db

TOMORROW = "2026-03-04T10:00"


@pytest.fixture(autouse=True)
def _today() -> Any:
    """Tuesday, 3 March 2026, noon."""
    with clock.stopped(datetime(2026, 3, 3, 12, tzinfo=UTC)):
        yield


def plan(actor: Actor, about: RecordRef | None = None, name: str = "Call", due: str = TOMORROW, **more: Any) -> UUID:
    """A task planned through the ordinary door."""
    values = {"name": name, "due_at": due, **({"about": str(about)} if about else {}), **more}
    return run(again(actor), commands.create("task", values)).record.id


def task(key: UUID) -> Any:
    """The task as it stands in the base."""
    return Task.unguarded.get(pk=key)


def do(actor: Actor, command: Any, **more: Any) -> Result:
    """Run a command with the rights of this moment."""
    return run(again(actor), command, **more)


def undo(actor: Actor, result: Result) -> Result:
    """Take the first thing a command told back."""
    assert result.event
    return do(actor, Undo(result.event))


def test_a_task_has_a_kind_and_a_responsible(boss: Actor) -> None:
    one = task(plan(boss))
    assert (one.kind, one.owner_id, one.state, one.moves) == ("task", boss.user_id, "open", 0)
    with pytest.raises(Invalid) as caught:
        do(boss, commands.create("task", {"name": "x"}))
    assert set(caught.value.fields) == {"due_at"}


def test_any_time_of_a_day_ends_where_the_responsible_lives(boss: Actor) -> None:
    anna = colleague("Anna", "all", timezone="Asia/Jakarta")
    key = plan(boss, due="2026-03-04T08:00", whole_day="1", owner=str(anna.user_id))
    assert task(key).due_at == datetime(2026, 3, 4, 16, 59, tzinfo=UTC)
    do(boss, GiveTask(key, 0, boss.user_id))
    assert task(key).due_at.astimezone(ZoneInfo(boss.timezone)).strftime("%d %H:%M") == "04 23:59"
    assert task(key).moves == 0


def test_who_gives_a_task_keeps_it_in_sight(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    key = plan(anna, owner=str(boris.user_id))
    kind = types.get("task")
    assert policy.get(again(anna), kind, key).owner_id == boris.user_id
    assert helpers_of(task(key)) == []
    given = do(boris, GiveTask(key, 0, boss.user_id))
    assert policy.get(again(boris), kind, key, "edit")
    undo(boris, given)
    assert task(key).owner_id == boris.user_id
    with pytest.raises(Invalid):
        do(boris, GiveTask(key, 0, None))


def test_finishing_wants_a_result_and_plans_what_comes_next(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key = plan(boss, ref, "Call about the price")
    with pytest.raises(Invalid) as caught:
        do(boss, FinishTask(key, 1, "  "))
    assert set(caught.value.fields) == {"result"}
    with pytest.raises(Invalid) as caught:
        do(boss, FinishTask(key, 1, "Agreed", {"name": "", "due_at": ""}))
    assert set(caught.value.fields) == {"next-name", "next-due_at"}
    assert task(key).state == "open"
    result = do(boss, FinishTask(key, 1, "Agreed", {"name": "Send the offer", "due_at": "2026-03-05T09:00"}))
    done, following = task(key), task(UUID(result.data["next"]))
    assert (done.state, done.result, done.done_by_id, done.done_at) == ("done", "Agreed", boss.user_id, clock.now())
    assert (following.about_id, following.follows_task, following.name) == (ref.id, key, "Send the offer")
    assert card(ref).next_text == "Send the offer"
    told = story(again(boss), ref, frozenset(["tasks"]))[0]
    assert [one.type.key for one in told] == ["task.finished"]
    with pytest.raises(Conflict):
        do(boss, FinishTask(key, 0, "Twice"))


def test_finishing_is_undone_with_what_it_planned(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key = plan(boss, ref)
    following = {"name": "Send the offer", "due_at": "2026-03-05T09:00"}
    result = do(boss, FinishTask(key, 0, "Agreed", following))
    undo(boss, result)
    assert (task(key).state, task(key).result, task(key).done_at) == ("open", "", None)
    assert task(UUID(result.data["next"])).deleted_at is not None
    assert card(ref).next_text == "Call"
    result = do(boss, FinishTask(key, 0, "Agreed", following))
    touched = UUID(result.data["next"])
    do(boss, MoveTask(touched, 0, "2026-03-09T09:00", False, "no_time"))
    undo(boss, result)
    assert task(touched).deleted_at is None  # somebody has begun with it


def test_dropping_and_opening_again(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key = plan(boss, ref)
    dropped = do(boss, DropTask(key, 0, "not needed"))
    assert (task(key).state, task(key).result, card(ref).next_at) == ("dropped", "not needed", None)
    undo(boss, dropped)
    assert (task(key).state, card(ref).next_text) == ("open", "Call")
    do(boss, FinishTask(key, 0, "done"))
    reopened = do(boss, ReopenTask(key))
    assert (task(key).state, card(ref).next_text) == ("open", "Call")
    undo(boss, reopened)
    assert (task(key).state, task(key).result, card(ref).next_at) == ("done", "done", None)


def test_a_deadline_moves_for_a_reason_and_is_counted(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key = plan(boss, ref, promised_on="2026-03-04")
    for reason in ("", "whim"):
        with pytest.raises(Invalid) as caught:
            do(boss, MoveTask(key, 0, "2026-03-06T10:00", False, reason))
        assert set(caught.value.fields) == {"move_reason"}
    moved = do(boss, MoveTask(key, 0, "2026-03-06T10:00", False, "client_asked"))
    one = task(key)
    assert (one.moves, one.move_reason, str(one.promised_on)) == (1, "client_asked", "2026-03-04")
    event = Event.objects.get(pk=moved.event)
    assert (event.type, event.payload["reason"]) == ("task.moved", "client_asked")
    assert event.payload["changes"]["due_at"][0] != event.payload["changes"]["due_at"][1]
    assert card(ref).next_at == one.due_at
    undo(boss, moved)
    assert (task(key).moves, task(key).move_reason) == (0, "")
    assert card(ref).next_at == task(key).due_at != one.due_at


def test_the_form_too_wants_a_reason(boss: Actor) -> None:
    key = plan(boss)
    with pytest.raises(Invalid) as caught:
        do(boss, commands.update("task", key, 1, {"due_at": "2026-03-09T10:00", "name": "Other"}))
    assert set(caught.value.fields) == {"move_reason"}
    assert task(key).name == "Call"
    do(boss, commands.update("task", key, 1, {"due_at": "2026-03-09T10:00", "move_reason": "ill"}))
    assert task(key).moves == 1
    do(boss, FinishTask(key, 0, "done"))
    with pytest.raises(Invalid) as caught:
        do(boss, MoveTask(key, 0, "2026-03-10T10:00", False, "ill"))
    assert set(caught.value.fields) == {"due_at"}


def test_forty_tasks_of_a_sick_colleague_change_hands_at_once(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    keys = [plan(anna, name=f"Step {n}") for n in range(40)]
    arguments = {"values": {"owner": str(boris.user_id)}}
    given = batch.start(again(boss), batch.StartBatch("task", "update", keys, arguments))
    assert (given.done, given.refused) == (40, 0)
    assert Task.unguarded.filter(owner=boris.user_id).count() == 40
    batch.undo(again(boss), given.pk)
    assert Task.unguarded.filter(owner=anna.user_id).count() == 40
    assert not Share.objects.exists()  # the boss sees them anyway


def test_helpers_see_and_change(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    key = plan(anna)
    with pytest.raises(NotFound):
        do(boris, FinishTask(key, 0, "x"))
    helped = do(anna, HelpTask(key, boris.user_id, True))  # type: ignore[arg-type]
    assert helpers_of(task(key)) == [boris.user_id]
    do(boris, TickItem(_with_list(anna, key), 1, True))
    assert [one["done"] for one in task(key).checklist] == [False, True]
    undo(anna, helped)
    with pytest.raises(NotFound):
        do(boris, TickItem(key, 0, True))


def _with_list(actor: Actor, key: UUID) -> UUID:
    do(actor, ChangeChecklist(key, 0, ["Price", " ", "Term"]))
    return key


def test_a_checklist_keeps_its_ticks(boss: Actor) -> None:
    key = _with_list(boss, plan(boss))
    ticked = do(boss, TickItem(key, 0, True))
    do(boss, ChangeChecklist(key, 0, ["Term", "Price", "Place"]))
    assert task(key).checklist == [
        {"text": "Term", "done": False}, {"text": "Price", "done": True}, {"text": "Place", "done": False},
    ]  # fmt: skip
    with pytest.raises(Conflict):
        undo(boss, ticked)
    with pytest.raises(Conflict):
        do(boss, TickItem(key, 0, True, "Price"))
    with pytest.raises(Conflict):
        do(boss, TickItem(key, 3, True))
    with pytest.raises(Invalid):
        do(boss, ChangeChecklist(key, 0, ["x" * 301]))
    undo(boss, do(boss, TickItem(key, 0, True)))
    assert task(key).checklist[0]["done"] is False


def test_who_sees_the_card_sees_its_tasks(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    ref = company(anna, "Тайна")
    key = plan(boss, ref, "Secret call")
    kind = types.get("task")
    assert policy.get(again(anna), kind, key, "edit")
    with pytest.raises(NotFound):
        policy.get(again(boris), kind, key)
    run(again(boss), GiveTask(key, 0, boris.user_id))
    seen = policy.get(again(boris), kind, key)  # his task; the card stays hidden
    assert policy.titles(again(boris), [RecordRef(seen.about_type, seen.about_id)]) == {}
    result = do(boris, FinishTask(key, 0, "Done", {"name": "Again", "due_at": TOMORROW}))
    assert task(UUID(result.data["next"])).about_id == ref.id
    assert story(again(anna), ref, frozenset(["tasks"]))[0][0].type.key == "task.finished"


def test_tasks_go_with_their_card_and_come_back(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key, touched = plan(boss, ref), plan(boss, ref, "Other")
    do(boss, Trash(ref.type, ref.id))
    dispatcher.drain()
    assert {task(key).state, task(touched).state} == {"dropped"}
    assert card(ref).next_at is None
    do(boss, ReopenTask(touched))
    do(boss, DropTask(touched, 0, "on purpose"))
    do(boss, Restore(ref.type, ref.id))
    dispatcher.drain()
    assert (task(key).state, task(touched).state) == ("open", "dropped")
    assert card(ref).next_text == "Call"
    dispatcher.drain()
    assert task(key).state == "open"


def test_rights_to_tasks_count(boss: Actor) -> None:
    clerk = colleague("Clerk", "none")
    with pytest.raises(Refused):
        plan(clerk)
    key = plan(boss)
    for command in (FinishTask(key, 0, "x"), DropTask(key, 0, ""), GiveTask(key, 0, clerk.user_id), ReopenTask(key)):
        with pytest.raises(NotFound):
            do(clerk, command)


def test_a_stale_page_does_not_finish(boss: Actor) -> None:
    key = plan(boss)
    do(boss, commands.update("task", key, 1, {"name": "Other"}))
    with pytest.raises(Conflict):
        do(boss, FinishTask(key, 1, "x"))
    assert task(key).state == "open"
