"""Leads: made, answered within working hours, qualified, refused with a reason, reopened, taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes import commands, dispatcher
from comity.changes.commands import Trash
from comity.changes.undo import Undo
from comity.identity.models import Organization, Team, User
from comity.kernel import jobs
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.notices.models import Notice
from comity.records.models import RecordRef, Relation
from comity.sales.leads.commands import AnswerLead, ConvertLead, QualifyLead, RefuseLead, ReopenLead
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.notes.commands import WriteNote
from comity.work.tasks.commands import DropTask, FinishTask
from conftest import Clock
from support.house import again, colleague, company
from support.leads import do, lead, make, told

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
TOMORROW = "2026-03-11T10:00"


@pytest.fixture(autouse=True)
def _monday(stopped_clock: Clock) -> None:
    stopped_clock.move(MONDAY)


def hours(**values: Any) -> None:
    Organization.objects.update(**values)
    changed()


# --- made ------------------------------------------------------------------------------------------------------------


def test_a_new_lead_is_mine_and_its_clock_runs(boss: Actor) -> None:
    hours(answer_minutes=90)
    one = lead(make(boss))
    assert (one.state, one.owner_id, one.title) == ("new", boss.user_id, "Анна Иванова")
    assert one.answer_due_at == MONDAY + timedelta(minutes=90)
    assert one.answered_at is None


def test_the_clock_runs_in_working_hours_only(boss: Actor, stopped_clock: Clock) -> None:
    hours(holidays=["2026-03-10"], timezone="Europe/Sofia")
    stopped_clock.move(datetime(2026, 3, 9, 15, 30, tzinfo=UTC))  # 17:30 in Sofia
    assert lead(make(boss)).answer_due_at == datetime(2026, 3, 11, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("values", [{"company_name": "Ромашка"}, {"need": "Окна"}, {"contact_name": "Анна"}])
def test_any_of_three_gives_a_title(boss: Actor, values: dict[str, str]) -> None:
    key = do(boss, commands.create("lead", values)).record.id
    assert lead(key).title == next(iter(values.values()))


def test_without_a_title_words_say_what_is_missing(boss: Actor) -> None:
    with pytest.raises(Invalid) as problem:
        do(boss, commands.create("lead", {"phones": ["+79161234567"]}))
    (text,) = problem.value.fields["contact_name"]
    assert "Имя, Компания, Что нужно" in str(text)


def test_fields_of_the_house_are_nobodys_to_write(boss: Actor) -> None:
    key = make(boss)
    for field, value in (("state", "converted"), ("answered_at", TOMORROW), ("refuse_reason", "spam")):
        with pytest.raises(Invalid) as problem:
            do(boss, commands.update("lead", key, 0, {field: value}))
        assert field in problem.value.fields


# --- answered --------------------------------------------------------------------------------------------------------


def test_the_first_answer_stops_the_clock(boss: Actor, stopped_clock: Clock) -> None:
    key = make(boss)
    stopped_clock.move(datetime(2026, 3, 10, 9, 20, tzinfo=UTC))
    do(boss, AnswerLead(key))
    one = lead(key)
    assert (one.state, one.answered_at, one.answer_minutes) == ("working", stopped_clock.now, 8 * 60 + 20)
    stopped_clock.tick(hours=1)
    again_ = do(boss, AnswerLead(key))
    assert lead(key).answer_minutes == 8 * 60 + 20
    assert again_.event is None and len(told(key, "answered")) == 1


def plan(actor: Actor, key: Any, kind: str) -> Any:
    values = {"name": "x", "kind": kind, "due_at": TOMORROW, "about": f"lead:{key}"}
    return do(actor, commands.create("task", values)).record.id


@pytest.mark.parametrize("kind", ["call", "letter", "meeting", "visit"])
def test_a_finished_talk_is_an_answer(boss: Actor, stopped_clock: Clock, kind: str) -> None:
    key = make(boss)
    task = plan(boss, key, kind)
    stopped_clock.tick(minutes=25)
    finished = do(boss, FinishTask(task, 0, "talked"))
    stopped_clock.tick(minutes=10)
    dispatcher.drain()
    one = lead(key)
    assert (one.state, one.answer_minutes) == ("working", 25)
    (event,) = told(key, "answered")
    assert (event.cause_id, event.actor_kind) == (finished.event, "system")
    dispatcher.drain()
    assert len(told(key, "answered")) == 1


def test_a_plain_task_a_dropped_call_and_a_note_are_none(boss: Actor) -> None:
    key = make(boss)
    do(boss, FinishTask(plan(boss, key, "task"), 0, "thought about it"))
    do(boss, DropTask(plan(boss, key, "call"), 0, "no number"))
    do(boss, WriteNote("lead", key, "looks good"))
    dispatcher.drain()
    assert (lead(key).state, lead(key).answered_at) == ("new", None)


def test_a_helper_without_rights_on_the_lead_answers_it_all_the_same(boss: Actor) -> None:
    anna = colleague("Anna")
    key = make(boss)
    values = {"name": "Call", "kind": "call", "due_at": TOMORROW, "about": f"lead:{key}", "owner": str(anna.user_id)}
    task = do(boss, commands.create("task", values)).record.id
    do(anna, FinishTask(task, 0, "talked"))
    dispatcher.drain()
    assert lead(key).state == "working"


def test_a_talk_about_a_lead_closed_by_then_changes_nothing(boss: Actor) -> None:
    key, gone = make(boss), make(boss, "Gone")
    tasks = [plan(boss, one, "call") for one in (key, gone)]
    for task in tasks:
        do(boss, FinishTask(task, 0, "talked"))
    do(boss, RefuseLead(key, 0, "spam"))
    do(boss, Trash("lead", gone))
    dispatcher.drain()
    assert not told(key, "answered") and not told(gone, "answered")


# --- qualified, refused, reopened ------------------------------------------------------------------------------------


def test_to_qualify_is_an_answer(boss: Actor, stopped_clock: Clock) -> None:
    key = make(boss)
    stopped_clock.tick(minutes=5)
    do(boss, QualifyLead(key))
    assert (lead(key).state, lead(key).answer_minutes) == ("qualified", 5)
    assert do(boss, QualifyLead(key)).event is None
    assert not told(key, "answered")


def test_to_refuse_wants_a_reason(boss: Actor) -> None:
    key = make(boss)
    for reason in ("", "nonsense"):
        with pytest.raises(Invalid) as problem:
            do(boss, RefuseLead(key, 0, reason))
        assert "reason" in problem.value.fields
    do(boss, RefuseLead(key, 0, "spam", "  a robot "))
    one = lead(key)
    assert (one.state, one.refuse_reason, one.refuse_note, one.answer_minutes) == ("refused", "spam", "a robot", 0)


def test_of_two_who_close_a_lead_the_second_is_told_who_was_first(boss: Actor) -> None:
    key = make(boss)
    do(boss, RefuseLead(key, 0, "spam"))
    anna = colleague("Anna", "all")
    for command in (QualifyLead(key), ConvertLead(key, 0, "new"), RefuseLead(key, 0, "twice")):
        with pytest.raises(Conflict) as problem:
            do(anna, command)
        assert "Boss" in str(problem.value)


def test_what_others_wrote_into_other_fields_is_no_hindrance(boss: Actor) -> None:
    key = make(boss)
    seen = lead(key).version
    do(boss, commands.update("lead", key, 0, {"need": "more"}))
    do(boss, QualifyLead(key, seen))
    with pytest.raises(Conflict):
        do(boss, RefuseLead(key, seen, "spam"))  # qualified meanwhile


def test_a_double_is_linked_to_the_card_it_doubles(boss: Actor) -> None:
    known = company(boss, "Ромашка")
    key = make(boss)
    result = do(boss, RefuseLead(key, 0, "twice", same=known))
    assert Relation.objects.get().kind == "related"
    assert any(one.type.key == "lead.refused" for one in story(again(boss), known)[0])
    assert Event.objects.get(pk=result.event).type == "lead.refused"
    do(boss, Undo(result.event or 0))
    assert lead(key).state == "new" and not Relation.objects.exists()


def test_a_link_that_was_there_keeps_its_remark(boss: Actor) -> None:
    known, key = company(boss, "Ромашка"), make(boss)
    do(boss, commands.Link("related", known, RecordRef("lead", key), note="partners"))
    result = do(boss, RefuseLead(key, 0, "twice", same=known))
    do(boss, Undo(result.event or 0))
    assert Relation.objects.get().note == "partners"


def test_a_double_of_a_hidden_card_or_of_itself_is_refused(boss: Actor) -> None:
    hidden = company(boss, "Ромашка")
    anna = colleague("Anna")
    key = make(anna)
    for same in (hidden, RecordRef("lead", key)):
        with pytest.raises(Invalid) as problem:
            do(anna, RefuseLead(key, 0, "twice", same=same))
        assert "same" in problem.value.fields
    assert lead(key).state == "new"


def test_reopened_it_goes_on_where_it_was(boss: Actor) -> None:
    key = make(boss)
    do(boss, RefuseLead(key, 0, "spam", "robot"))
    do(boss, ReopenLead(key))
    one = lead(key)
    assert (one.state, one.refuse_reason, one.refuse_note) == ("working", "", "")
    assert do(boss, ReopenLead(key)).event is None


@pytest.mark.parametrize("command", [AnswerLead, QualifyLead, lambda key: RefuseLead(key, 0, "spam")])
def test_each_step_is_taken_back(boss: Actor, command: Any) -> None:
    key = make(boss)
    result = do(boss, command(key))
    do(boss, Undo(result.event or 0))
    one = lead(key)
    assert (one.state, one.answered_at, one.answer_minutes, one.refuse_reason) == ("new", None, None, "")


def test_not_over_what_came_after(boss: Actor) -> None:
    key = make(boss)
    result = do(boss, AnswerLead(key))
    do(boss, QualifyLead(key))
    with pytest.raises(Conflict):
        do(boss, Undo(result.event or 0))


def test_who_may_not_edit_may_not_act(boss: Actor) -> None:
    key = make(boss)
    reader, stranger = colleague("Reader", "all"), colleague("Stranger")
    role = reader.roles[0]
    role.grants = {"*": {"view": "all"}}
    role.save()
    changed()
    for command in (AnswerLead(key), QualifyLead(key), RefuseLead(key, 0, "spam"), ConvertLead(key, 0, "new")):
        with pytest.raises(Refused):
            do(reader, command)
        with pytest.raises(NotFound):
            do(stranger, command)


def test_the_story_says_it_in_words(boss: Actor, stopped_clock: Clock) -> None:
    User.objects.update(language="en")
    changed()
    key = make(boss)
    stopped_clock.tick(minutes=125)
    do(boss, AnswerLead(key))
    do(boss, RefuseLead(key, 0, "too_small", "one window"))
    reader = again(boss)
    items, _before = story(reader, RecordRef("lead", key))
    texts = [one.type.text(one.payload, reader) for one in items]
    assert texts[:2] == [
        "refused the lead: Too small, one window",
        "gave the first answer, 2 h 5 min after the inquiry",
    ]


def test_the_story_hides_what_a_role_hides(boss: Actor) -> None:
    key = make(boss)
    do(boss, RefuseLead(key, 0, "too_small", "one window"))
    hidden = {"lead": {"refuse_reason": "hide", "refuse_note": "mask", "answer_minutes": "hide"}}
    reader = colleague("Reader", "all", hidden)
    items, _before = story(reader, RecordRef("lead", key))
    assert items[0].type.text(items[0].payload, reader) == "refused the lead"
    assert not {"refuse_reason", "refuse_note", "answer_minutes"} & items[0].payload["changes"].keys()


# --- late ------------------------------------------------------------------------------------------------------------


def late() -> list[tuple[Any, str]]:
    jobs.fire_due()
    jobs.run_due()
    dispatcher.drain()
    return list(Notice.objects.filter(kind="lead.unanswered").order_by("id").values_list("user_id", "type_key"))


def test_late_answers_are_told_once_to_the_owner_and_his_manager(boss: Actor, stopped_clock: Clock) -> None:
    chief = colleague("Chief", "all")
    anna = colleague("Anna", manager_id=chief.user_id)
    key = make(anna)
    done = make(anna, "Done")
    do(anna, AnswerLead(done))
    stopped_clock.tick(minutes=59)
    assert late() == []
    stopped_clock.tick(minutes=6)
    assert sorted(late()) == sorted([(anna.user_id, "lead"), (chief.user_id, "lead")])
    stopped_clock.tick(minutes=5)
    assert len(late()) == 2
    assert [event.primary_id for event in Event.objects.filter(type="lead.unanswered")] == [key]


def test_without_a_manager_those_who_lead_his_team_are_told(boss: Actor, stopped_clock: Clock) -> None:
    team = Team.objects.create(name="Sales")
    head = colleague("Head", "team", team=team, lead=True)
    anna = colleague("Anna", team=team)
    colleague("Boris", "team", team=team)
    make(anna)
    stopped_clock.tick(minutes=65)
    assert {user for user, _type in late()} == {anna.user_id, head.user_id}


def test_at_night_nobody_is_late(boss: Actor, stopped_clock: Clock) -> None:
    stopped_clock.move(MONDAY.replace(hour=17, minute=30))
    make(boss)
    stopped_clock.tick(hours=15)  # 8:30 in the morning
    assert late() == []
    stopped_clock.tick(hours=1, minutes=1)
    assert len(late()) == 1
