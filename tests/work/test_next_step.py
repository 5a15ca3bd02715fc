"""The next step of a card stays true whatever happens to its tasks, and lists show it with its tone."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import Restore, Trash
from comity.changes.undo import Undo
from comity.kernel import clock
from comity.records.models import RecordRef
from comity.work.tasks.commands import DropTask, FinishTask, GiveTask, MoveTask, ReopenTask, open_tasks
from support.acts import card
from support.browser import browser
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.stopped(NOON):
        yield


def plan(actor: Actor, about: RecordRef, name: str, due: str, **more: Any) -> UUID:
    values = {"name": name, "due_at": f"2026-03-{due}Z", "about": str(about), **more}
    return run(again(actor), commands.create("task", values)).record.id


def step(ref: RecordRef) -> str:
    """The next step as the card has it: its words and day."""
    one = card(ref)
    return f"{one.next_kind} {one.next_text} {one.next_at:%d %H:%M}" if one.next_at else f"{one.next_kind}none"


def test_the_earliest_open_task_is_the_next_step(boss: Actor) -> None:
    def do(command: Any) -> Any:
        return run(again(boss), command)

    ref, other = company(boss, "Лотос"), company(boss, "Пион")
    version = card(ref).version
    late = plan(boss, ref, "Call", "02T10:00", kind="call")
    soon = plan(boss, ref, "Meet", "05T10:00", kind="meeting")
    assert step(ref) == "call Call 02 10:00"
    finished = do(FinishTask(late, 0, "Done"))
    assert step(ref) == "meeting Meet 05 10:00"
    do(Undo(finished.event))
    assert step(ref) == "call Call 02 10:00"
    moved = do(MoveTask(late, 0, "2026-03-09T10:00Z", False, "no_time"))
    assert step(ref) == "meeting Meet 05 10:00"
    do(Undo(moved.event))
    assert step(ref) == "call Call 02 10:00"
    renamed = do(commands.update("task", late, 0, {"name": "Ring", "kind": "task"}))
    assert step(ref) == "task Ring 02 10:00"
    do(Undo(renamed.event))
    assert step(ref) == "call Call 02 10:00"
    taken = do(commands.update("task", late, 0, {"about": str(other)}))
    assert (step(ref), step(other)) == ("meeting Meet 05 10:00", "call Call 02 10:00")
    do(Undo(taken.event))
    assert (step(ref), step(other)) == ("call Call 02 10:00", "none")
    do(Trash("task", late))
    assert step(ref) == "meeting Meet 05 10:00"
    do(Restore("task", late))
    assert step(ref) == "call Call 02 10:00"
    do(DropTask(late, 0, ""))
    do(DropTask(soon, 0, ""))
    assert step(ref) == "none"
    do(ReopenTask(soon))
    assert step(ref) == "meeting Meet 05 10:00"
    assert card(ref).version == version  # nobody's edit of the card fails because a call was planned


def test_made_and_taken_back(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    made = run(again(boss), commands.create("task", {"name": "x", "due_at": "2026-03-04T10:00Z", "about": str(ref)}))
    assert step(ref) == "task x 04 10:00"
    run(again(boss), Undo(made.event))  # type: ignore[arg-type]
    assert step(ref) == "none"


def test_tasks_the_reader_does_not_see_count_all_the_same(boss: Actor) -> None:
    """The next step belongs to the card: whoever changes one task must not make another's vanish from it."""
    anna, boris = colleague("Anna"), colleague("Boris")
    ref = company(boss, "Лотос")
    first, second = plan(boss, ref, "One", "04T10:00"), plan(boss, ref, "Two", "05T10:00")
    run(again(boss), GiveTask(first, 0, anna.user_id))
    run(again(boss), GiveTask(second, 0, boris.user_id))
    run(again(anna), FinishTask(first, 0, "Done"))
    assert step(ref) == "task Two 05 10:00"
    assert open_tasks(again(anna), ref) == []
    assert [row["name"] for row in open_tasks(again(boss), ref)] == ["Two"]


def test_lists_show_it_with_its_tone(boss: Actor) -> None:
    late, today, later = (company(boss, name) for name in ("Late", "Now", "Then"))
    company(boss, "Bare")
    plan(boss, late, "Call <b>", "01T10:00")
    plan(boss, today, "Send", "03T20:00", kind="letter")
    plan(boss, later, "Meet", "20T10:00")
    anna = colleague("Anna", "all")
    run(again(anna), SavePreferences({"columns": {"company": ["next_at"]}}))
    text = browser(anna).get("/companies/").content.decode()
    rows = {row.split("</a>")[0].rpartition(">")[2]: row for row in text.split("<tr data-id")[1:]}
    tones = {name: row.split('class="nx"')[1].split("</td>")[0] for name, row in rows.items()}
    assert 'pill bad"' in tones["Late"] and "Call &lt;b&gt;" in tones["Late"]
    assert 'pill now"' in tones["Now"]
    assert 'class="pill"' in tones["Then"]
    assert 'pill warn"' in tones["Bare"]


def test_a_late_deadline_is_red_until_the_task_is_closed(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    key = plan(boss, ref, "Call", "01T10:00")
    plan(boss, ref, "Then", "20T10:00", whole_day="1")
    page = browser(boss)
    text = page.get("/tasks/?view=all").content.decode()
    assert text.count("pill bad") == 1
    assert "23:59</time>" not in text
    run(again(boss), FinishTask(key, 0, "Done"))
    assert "pill bad" not in page.get("/tasks/?view=all").content.decode()


def test_a_card_in_the_trash_has_none(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    plan(boss, ref, "Call", "04T10:00")
    run(again(boss), Trash(ref.type, ref.id))
    dispatcher.drain()
    assert step(ref) == "none"
