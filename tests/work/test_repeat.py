"""Tasks that come again: rules in local time over the change of clocks, never in the past, refused in plain words."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Trash, create
from comity.changes.undo import Undo
from comity.kernel import clock
from comity.kernel.errors import Invalid
from comity.work.models import Task
from comity.work.tasks.commands import DropTask, FinishTask, HelpTask, MoveTask, RepeatTask, TickItem
from comity.work.tasks.repeating import following, settled
from support.house import again, colleague, company

SOFIA = ZoneInfo("Europe/Sofia")


def local(text: str, zone: ZoneInfo = SOFIA) -> datetime:
    """A clock time in Sofia as it is stored."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def series(rule: str, first: str, count: int, whole_day: bool = False) -> list[str]:
    """The first deadlines of a series, each finished at once, as clock times in Sofia."""
    due = local(first)
    rule = settled(rule, due, SOFIA, whole_day)
    found = []
    for _n in range(count):
        found.append(due.astimezone(SOFIA).strftime("%m-%d %H:%M"))
        due, rule = following(rule, due, SOFIA, whole_day, due)  # type: ignore[misc]
    return found


def test_nine_in_the_morning_stays_nine_in_spring_and_autumn() -> None:
    assert series("FREQ=DAILY", "2026-03-28T09:00", 3) == ["03-28 09:00", "03-29 09:00", "03-30 09:00"]
    assert series("FREQ=DAILY", "2026-10-24T09:00", 3) == ["10-24 09:00", "10-25 09:00", "10-26 09:00"]


def test_a_clock_time_that_is_not_there_comes_later_that_day_and_is_back_the_next() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    due = local("2026-03-28T02:30", berlin)
    rule = settled("FREQ=DAILY", due, berlin, False)
    found = []
    for _n in range(3):
        found.append(due.astimezone(berlin).strftime("%d %H:%M"))
        due, rule = following(rule, due, berlin, False, due)  # type: ignore[misc]
    assert found == ["28 02:30", "29 03:30", "30 02:30"]
    assert series("FREQ=DAILY", "2026-10-24T03:30", 3) == ["10-24 03:30", "10-25 03:30", "10-26 03:30"]


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=WEEKLY", "2026-03-04T10:00", ["03-04 10:00", "03-11 10:00", "03-18 10:00"]),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-03-06T10:00", ["03-06 10:00", "03-09 10:00", "03-10 10:00"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-03-02T10:00", ["03-02 10:00", "03-16 10:00", "03-30 10:00"]),
        ("FREQ=MONTHLY", "2026-01-31T10:00", ["01-31 10:00", "02-28 10:00", "03-31 10:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30T10:00", ["01-30 10:00", "02-27 10:00", "03-27 10:00"]),
        ("FREQ=YEARLY", "2028-02-29T10:00", ["02-29 10:00", "02-28 10:00", "02-28 10:00"]),
    ],
)
def test_rules_people_choose(rule: str, first: str, expected: list[str]) -> None:
    assert series(rule, first, 3) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=5", "FREQ=HOURLY", "FREQ=DAILY;COUNT=99999999", "FREQ=DAILY;COUNT=0",
        "every day", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;BYHOUR=1,2,3,4", "FREQ=DAILY;BYSECOND=1", "FREQ=DAILY;X=1",
        "FREQ=DAILY;INTERVAL=999999999999", "FREQ=DAILY;INTERVAL=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;UNTIL=20261399", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "INTERVAL=2", "FREQ=DAILY\nDTSTART:20200101",
        "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 60), "FREQ=WEEKLY;BYDAY=2MO", "FREQ=", ";", "RRULE:",
    ],
)  # fmt: skip
def test_rules_that_no_task_can_keep_to_are_refused(rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        settled(rule, local("2026-03-04T10:00"), SOFIA, False)
    assert caught.value.fields["repeat"]


def test_a_number_of_times_and_a_last_day() -> None:
    due = local("2026-03-04T10:00")
    rule = settled("FREQ=DAILY;COUNT=3", due, SOFIA, False)
    times = 1
    while (found := following(rule, due, SOFIA, False, due)) is not None:
        due, rule = found
        times += 1
    assert times == 3
    rule = settled("FREQ=DAILY;UNTIL=20260305", local("2026-03-04T10:00"), SOFIA, False)
    found = following(rule, local("2026-03-04T10:00"), SOFIA, False, local("2026-03-04T10:00"))
    assert found is not None
    assert following(found[1], found[0], SOFIA, False, found[0]) is None


@given(
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 6),
    hours=st.integers(0, 24 * 365 * 2),
    late=st.integers(0, 400),
    zone=st.sampled_from(["Europe/Sofia", "Asia/Jakarta", "America/New_York", "Africa/Cairo", "UTC"]),
    whole_day=st.booleans(),
)
def test_never_in_the_past_and_always_at_its_hour(
    freq: str, interval: int, hours: int, late: int, zone: str, whole_day: bool
) -> None:
    place = ZoneInfo(zone)
    due = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    after = due + timedelta(days=late)
    rule = settled(f"FREQ={freq};INTERVAL={interval}", due, place, whole_day)
    found = following(rule, due, place, whole_day, after)
    assert found is not None
    at = found[0]
    assert at > after and at > due
    clock_time = (23, 59) if whole_day else due.astimezone(place).timetz().replace(tzinfo=None)
    shown = at.astimezone(place)
    wanted = clock_time if whole_day else (clock_time.hour, clock_time.minute)  # type: ignore[union-attr]
    skipped = shown.replace(tzinfo=None) != shown.replace(hour=wanted[0], minute=wanted[1], tzinfo=None)
    if skipped:  # only where the clocks went forward over it that day
        asked = shown.replace(hour=wanted[0], minute=wanted[1])
        assert asked.astimezone(UTC).astimezone(place).replace(tzinfo=None) != asked.replace(tzinfo=None)


@pytest.mark.django_db
def test_a_finished_task_comes_again_as_it_was(boss: Actor) -> None:
    with clock.stopped(local("2026-03-04T12:00")):
        anna, boris = colleague("Anna", timezone="Europe/Sofia"), colleague("Boris")
        ref = company(boss, "Лотос")
        values = {"name": "Report", "due_at": "2026-03-02T09:00+02:00", "about": str(ref), "kind": "call",
                  "owner": str(anna.user_id), "remind_at": "2026-03-02T08:30+02:00"}  # fmt: skip
        key = run(again(boss), create("task", values)).record.id
        run(again(boss), RepeatTask(key, 0, "FREQ=DAILY"))
        run(again(boss), HelpTask(key, boris.user_id, True))  # type: ignore[arg-type]
        from comity.work.tasks.commands import ChangeChecklist

        run(again(boss), ChangeChecklist(key, 0, ["One"]))
        run(again(boss), TickItem(key, 0, True))
        result = run(again(anna), FinishTask(key, 0, "Done"))
        nxt = Task.unguarded.get(pk=UUID(result.data["again"]))
        assert nxt.due_at == local("2026-03-05T09:00")  # the two days between are not made up for
        assert (nxt.name, nxt.kind, nxt.owner_id, nxt.about_id) == ("Report", "call", anna.user_id, ref.id)
        assert nxt.remind_at == local("2026-03-05T08:30")
        assert (nxt.checklist, nxt.moves, nxt.follows_task) == ([{"text": "One", "done": False}], 0, key)
        run(again(boris), TickItem(nxt.pk, 0, True))  # he helps with this one too
        run(again(anna), MoveTask(nxt.pk, 0, "2026-03-05T18:00", False, "no_time"))
        run(again(anna), DropTask(nxt.pk, 0, "not today"))
        third = Task.unguarded.get(follows_task=nxt.pk)
        assert third.due_at == local("2026-03-06T09:00")  # moving one has not moved the series
        run(again(anna), DropTask(third.pk, 0, "", stop=True))
        assert not Task.unguarded.filter(follows_task=third.pk).exists()


@pytest.mark.django_db
def test_taking_back_and_ending_a_series(boss: Actor) -> None:
    with clock.stopped(local("2026-03-04T12:00")):
        key = run(boss, create("task", {"name": "Report", "due_at": "2026-03-05T09:00"})).record.id
        rule = run(again(boss), RepeatTask(key, 0, "FREQ=WEEKLY"))
        finished = run(again(boss), FinishTask(key, 0, "Done"))
        run(again(boss), Undo(finished.event))  # type: ignore[arg-type]
        assert Task.unguarded.get(pk=UUID(finished.data["again"])).deleted_at is not None
        run(again(boss), Undo(rule.event))  # type: ignore[arg-type]
        assert Task.unguarded.get(pk=key).repeat == ""
        assert run(again(boss), FinishTask(key, 0, "Done")).data["again"] == ""
        other = run(boss, create("task", {"name": "Report", "due_at": "2026-03-05T09:00"})).record.id
        run(again(boss), RepeatTask(other, 0, "FREQ=WEEKLY"))
        run(again(boss), Trash("task", other))
        assert not Task.unguarded.filter(follows_task=other).exists()
