"""A lead becomes a person, a company and a deal without retyping; who was quicker is said; and the way back."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.access.snapshot import changed
from comity.changes import commands, dispatcher
from comity.changes.commands import Link, ShareRecord
from comity.changes.settings import SaveSetting
from comity.changes.undo import Undo
from comity.changes.writer import current
from comity.identity.models import User
from comity.kernel.errors import Conflict, Invalid, Refused
from comity.parties.models import Company, Person
from comity.records import types
from comity.records.models import ContactPoint, RecordRef, Relation
from comity.sales.leads.commands import ConvertLead, RefuseLead
from comity.sales.models import Deal, Lead
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.models import Task
from comity.work.notes.commands import WriteNote
from comity.work.tasks.commands import FinishTask
from conftest import Clock
from support.house import again, colleague, company, person
from support.leads import do, lead, make, told

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
TOMORROW = "2026-03-10T10:00"
FULL = {
    "company_name": "ООО Ромашка", "phones": ["+79161234567"], "emails": ["anna@romashka.ru"], "source": "fair",
    "need": "Окна для офиса\nчетыре штуки", "budget": {"amount": "1200", "currency": "EUR"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _monday(stopped_clock: Clock) -> None:
    stopped_clock.move(MONDAY)


def convert(actor: Actor, key: UUID, **more: Any) -> Any:
    """Convert everything there is, unless said otherwise."""
    return do(actor, ConvertLead(key, **({"person": "new", "company": "new", "deal": {}} | more)))


def points(ref_id: Any) -> dict[str, list[str]]:
    """The phones and addresses of a card."""
    found: dict[str, list[str]] = {}
    for field, value in (
        ContactPoint.objects.filter(record_id=ref_id).order_by("position").values_list("field", "value")
    ):
        found.setdefault(field, []).append(value)
    return found


def related(kind: str) -> list[tuple[UUID, UUID]]:
    """Who is related to whom that way."""
    return list(Relation.objects.filter(kind=kind).values_list("from_id", "to_id"))


# --- there -----------------------------------------------------------------------------------------------------------


def test_all_three_are_made_of_what_the_lead_says(boss: Actor) -> None:
    tag = do(boss, SaveSetting("tag", {"name": "spring"})).record.id
    key = make(boss, "Анна Петрова", tags=[str(tag)], **FULL)
    result = convert(boss, key)
    one, human, firm, deal = lead(key), Person.unguarded.get(), Company.unguarded.get(), Deal.unguarded.get()
    assert (human.given_name, human.family_name, human.company_id) == ("Анна", "Петрова", firm.pk)
    assert points(human.pk) == {"phones": ["+79161234567"], "emails": ["anna@romashka.ru"]}
    assert (firm.name, points(firm.pk)) == ("ООО Ромашка", {})  # what reaches a person is the person's
    assert (deal.name, deal.amount, deal.amount_currency) == ("Окна для офиса", 12_000_000, "EUR")
    assert (deal.source, deal.state, deal.stage, deal.pipeline) == ("fair", "open", "new", "sales")
    assert (deal.company_id, deal.person_id, deal.lead_id) == (firm.pk, human.pk, key)
    assert current(types.get("deal"), deal)["tags"] == (tag,)
    assert (one.state, one.person_id, one.company_id, one.deal_id) == ("converted", human.pk, firm.pk, deal.pk)
    assert one.answered_at == MONDAY
    assert related("works_at") == [(human.pk, firm.pk)]
    assert related("deal_company") == [(deal.pk, firm.pk)] and related("deal_person") == [(deal.pk, human.pk)]
    assert result.data == {"person": str(human.pk), "company": str(firm.pk), "deal": str(deal.pk)}
    assert result.record == RecordRef("lead", key)
    assert Event.objects.get(pk=result.event).type == "lead.converted"


def test_it_is_told_on_every_card_concerned(boss: Actor) -> None:
    result = convert(boss, make(boss, **FULL))
    for kind, key in result.data.items():
        items, _before = story(again(boss), RecordRef(kind, UUID(key)))
        assert [one.type.key for one in items].count("lead.converted") == 1


def test_what_is_typed_counts_more_than_what_the_lead_says(boss: Actor) -> None:
    key = make(boss, **FULL)
    convert(boss, key, deal={"name": "Windows", "amount": {"amount": "5", "currency": "USD"}, "source": "phone"})
    deal = Deal.unguarded.get()
    assert (deal.name, deal.amount, deal.amount_currency, deal.source) == ("Windows", 50_000, "USD", "phone")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"company_name": "Ромашка"}, "Ромашка"),
        ({}, "Анна Иванова"),
        ({"need": " \n  двери  и окна\nещё"}, "двери и окна"),
        ({"need": "слово " * 40}, ("слово " * 13).strip()),
    ],
)
def test_a_deal_is_called_by_what_they_want_else_by_who_they_are(
    boss: Actor, values: dict[str, str], name: str
) -> None:  # fmt: skip
    convert(boss, make(boss, **values), company="", deal={"name": "  "})
    assert Deal.unguarded.get().name == name


def test_without_a_person_phones_belong_to_the_company(boss: Actor) -> None:
    key = do(boss, commands.create("lead", {**FULL, "company_name": "Ромашка"})).record.id
    convert(boss, key, person="", deal=None)
    assert points(Company.unguarded.get().pk) == {"phones": ["+79161234567"], "emails": ["anna@romashka.ru"]}
    assert not Deal.unguarded.exists() and lead(key).deal_id is None


def test_an_existing_person_gets_what_was_missing(boss: Actor) -> None:
    human = person(boss, "Анна", "Петрова", phones=["+79161234567", "+79160000000"])
    convert(boss, make(boss, **FULL), person=str(human.id))
    assert points(human.id) == {"phones": ["+79161234567", "+79160000000"], "emails": ["anna@romashka.ru"]}
    firm = Company.unguarded.get()
    assert Person.unguarded.get().company_id == firm.pk
    assert related("works_at") == [(human.id, firm.pk)]


def test_an_existing_person_keeps_the_company_he_has(boss: Actor) -> None:
    firm = company(boss, "Old")
    human = person(boss, "Анна", "Петрова", company=str(firm.id))
    convert(boss, make(boss, **FULL), person=str(human.id))
    new = Company.unguarded.get(name="ООО Ромашка")
    assert Person.unguarded.get().company_id == firm.id
    assert set(related("works_at")) == {(human.id, firm.id), (human.id, new.pk)}


def test_a_link_that_was_there_keeps_its_roles(boss: Actor) -> None:
    firm = company(boss, "Ромашка")
    human = person(boss, "Анна", "Петрова", company=str(firm.id))
    do(boss, Link("works_at", human, firm, ("buyer",)))
    convert(boss, make(boss, **FULL), person=str(human.id), company=str(firm.id))
    assert Relation.objects.get(kind="works_at").roles == "|buyer|"


def test_a_card_one_may_only_read_is_linked_and_left_as_it_is(boss: Actor) -> None:
    human = person(boss, "Анна", "Петрова")
    anna = colleague("Anna")
    do(boss, ShareRecord("person", human.id, user_id=anna.user_id))
    key = make(anna, **FULL)
    convert(anna, key, person=str(human.id))
    assert points(human.id) == {} and not related("works_at")
    assert Deal.unguarded.get().person_id == human.id


@pytest.mark.parametrize("field", ["person", "company"])
def test_a_hidden_card_is_none_to_take(boss: Actor, field: str) -> None:
    hidden = {"person": person(boss, "Анна", "Петрова"), "company": company(boss, "Ромашка")}[field]
    anna = colleague("Anna")
    key = make(anna, **FULL)
    for wanted in (str(hidden.id), "nonsense"):
        with pytest.raises(Invalid) as problem:
            convert(anna, key, **{field: wanted})
        assert field in problem.value.fields
    assert lead(key).state == "new" and not Deal.unguarded.exists()


def test_nothing_at_all_and_what_has_no_name_are_refused(boss: Actor) -> None:
    key = do(boss, commands.create("lead", {"need": "Окна"})).record.id
    for more, field in (
        ({"person": "", "company": "", "deal": None}, "person"),
        ({"company": ""}, "person"),
        ({"person": ""}, "company"),
    ):
        with pytest.raises(Invalid) as problem:
            convert(boss, key, **more)
        assert set(problem.value.fields) == {field}
    convert(boss, key, person="", company="")
    assert Deal.unguarded.get().name == "Окна"


def test_wrong_input_names_the_part_it_belongs_to(boss: Actor) -> None:
    key = make(boss, **FULL)
    with pytest.raises(Invalid) as problem:
        convert(boss, key, deal={"amount": "much"})
    assert set(problem.value.fields) == {"deal-amount"}
    with pytest.raises(Invalid) as problem:
        convert(boss, key, next={"name": "Call", "due_at": "soon"})
    assert set(problem.value.fields) == {"next-due_at"}
    assert not Person.unguarded.exists() and lead(key).state == "new"


def test_the_next_step_stands_on_the_deal_and_open_tasks_go_along(boss: Actor) -> None:
    key = make(boss, **FULL)
    values = {"name": "Measure", "kind": "visit", "due_at": "2026-03-12T10:00", "about": f"lead:{key}"}
    task = do(boss, commands.create("task", values)).record.id
    closed = do(boss, commands.create("task", values | {"name": "Done"})).record.id
    do(boss, FinishTask(closed, 0, "ok"))
    do(boss, WriteNote("lead", key, "they are nice"))
    convert(boss, key, next={"name": "Call back", "kind": "call", "due_at": TOMORROW})
    deal = Deal.unguarded.get()
    assert Task.unguarded.get(pk=task).about_id == deal.pk
    assert Task.unguarded.get(pk=closed).about_id == key  # what was done stays where it was done
    step = Task.unguarded.get(name="Call back")
    assert (step.about_type, step.about_id, step.owner_id) == ("deal", deal.pk, boss.user_id)
    assert lead(key).next_at is None
    assert Deal.unguarded.get().next_at is not None
    items, _before = story(again(boss), RecordRef("lead", key))
    assert "note.written" in [one.type.key for one in items]


def test_without_a_deal_tasks_go_to_the_person(boss: Actor) -> None:
    key = make(boss, **FULL)
    convert(boss, key, deal=None, next={"name": "Call back", "due_at": TOMORROW})
    assert (Task.unguarded.get().about_type, Task.unguarded.get().about_id) == ("person", Person.unguarded.get().pk)


def test_what_is_made_belongs_to_who_held_the_lead(boss: Actor) -> None:
    anna, gone = colleague("Anna"), colleague("Gone")
    keys = [make(anna, "Анна Петрова"), make(gone, "Пётр Ильин")]
    User.objects.filter(pk=gone.user_id).update(active=False)
    changed()
    for key in keys:
        convert(boss, key, company="")
    assert set(Deal.unguarded.values_list("owner", flat=True)) == {anna.user_id, boss.user_id}
    assert set(Person.unguarded.values_list("owner", flat=True)) == {anna.user_id, boss.user_id}


def test_who_makes_cards_for_himself_only_keeps_them(boss: Actor) -> None:
    key = make(boss)
    anna = colleague("Anna")
    Share.objects.create(type_key="lead", record_id=key, user_id=anna.user_id, edit=True)
    convert(anna, key, company="")
    assert Deal.unguarded.get().owner_id == anna.user_id
    assert policy.visible(again(anna), types.get("deal")).count() == 1


def test_nobody_reads_on_the_new_card_what_the_lead_hid_from_him(boss: Actor) -> None:
    masked = colleague("Masked", "all", {"lead": {"phones": "mask", "budget": "hide", "company_name": "hide"}})
    key = make(boss, **FULL)
    with pytest.raises(Invalid):
        convert(masked, key)  # no company for who may not know its name
    convert(masked, key, company="")
    assert "phones" not in points(Person.unguarded.get().pk)
    assert Deal.unguarded.get().amount is None


def test_what_he_reads_nowhere_is_carried_all_the_same(boss: Actor) -> None:
    hidden = {"phones": "mask", "emails": "mask"}
    masked = colleague("Masked", "all", {"lead": hidden, "person": hidden})
    key = make(boss, **FULL)
    convert(masked, key)
    assert points(Person.unguarded.get().pk) == {"phones": ["+79161234567"], "emails": ["anna@romashka.ru"]}


def test_who_may_make_no_deals_makes_none(boss: Actor) -> None:
    anna = colleague("Anna", "all")
    role = anna.roles[0]
    role.grants = role.grants | {"deal": {"view": "all"}}
    role.save()
    changed()
    key = make(anna, **FULL)
    with pytest.raises(Refused):
        convert(anna, key)
    assert not Person.unguarded.exists()
    convert(anna, key, deal=None)
    assert Person.unguarded.exists()


# --- twice -----------------------------------------------------------------------------------------------------------


def test_a_double_click_converts_once(boss: Actor) -> None:
    key = make(boss, **FULL)
    command = ConvertLead(key, 0, "new", "new", {})
    first, second = (do(boss, command, key="one press") for _press in range(2))
    assert first.data == second.data and first.events == second.events
    assert Deal.unguarded.count() == Person.unguarded.count() == Company.unguarded.count() == 1


def test_the_second_of_two_is_told_who_was_quicker(boss: Actor) -> None:
    key = make(boss, **FULL)
    seen = lead(key).version
    convert(boss, key)
    anna = colleague("Anna", "all")
    with pytest.raises(Conflict) as problem:
        convert(anna, key, version=seen)
    assert "Boss" in str(problem.value)
    assert Deal.unguarded.count() == 1


# --- and back --------------------------------------------------------------------------------------------------------


def test_taken_back_everything_is_as_it_was(boss: Actor) -> None:
    firm = company(boss, "Ромашка")
    human = person(boss, "Анна", "Петрова", phones=["+79160000000"])
    key = make(boss, **FULL)
    values = {"name": "Measure", "due_at": TOMORROW, "about": f"lead:{key}"}
    task = do(boss, commands.create("task", values)).record.id
    before = current(types.get("lead"), lead(key))
    result = convert(
        boss, key, person=str(human.id), company=str(firm.id), next={"name": "Call back", "due_at": "2026-03-12T10:00"}
    )
    dispatcher.drain()
    do(boss, Undo(result.event or 0))
    dispatcher.drain()
    assert {**current(types.get("lead"), lead(key)), "updated_at": 0} == {**before, "updated_at": 0}
    assert points(human.id) == {"phones": ["+79160000000"]}
    assert not related("works_at") and Person.unguarded.get().company_id is None
    assert Deal.unguarded.get().deleted_at is not None
    held = Task.unguarded.get(pk=task)
    assert (held.about_type, held.about_id, held.state, held.deleted_at) == ("lead", key, "open", None)
    assert not Task.unguarded.exclude(pk=task).filter(state="open", deleted_at=None).exists()
    assert Company.unguarded.get().deleted_at is None


def test_what_it_made_goes_into_the_trash(boss: Actor) -> None:
    key = make(boss, **FULL)
    result = convert(boss, key)
    do(boss, Undo(result.event or 0))
    for model in (Person, Company, Deal):
        assert model.unguarded.get().deleted_at is not None
    assert (lead(key).state, lead(key).deal_id) == ("new", None)
    convert(boss, key)  # and it can be done again
    assert Deal.unguarded.filter(deleted_at=None).count() == 1
    (back,) = told(key, "taken_back")
    assert back.payload["undone"] == result.event


@pytest.mark.parametrize("kind", ["deal", "person", "company"])
def test_work_done_since_stands_in_the_way(boss: Actor, kind: str) -> None:
    key = make(boss, **FULL)
    result = convert(boss, key)
    anna = colleague("Anna", "all")
    do(anna, WriteNote(kind, UUID(result.data[kind]), "called them"))
    with pytest.raises(Conflict) as problem:
        do(boss, Undo(result.event or 0))
    title = {"deal": "Окна для офиса", "person": "Иванова Анна", "company": "ООО Ромашка"}[kind]
    assert "Anna" in str(problem.value.todo) and title in str(problem.value.todo)
    assert lead(key).state == "converted" and Deal.unguarded.get().deleted_at is None


def test_a_step_done_since_stands_in_the_way(boss: Actor) -> None:
    result = convert(boss, make(boss, **FULL))
    do(boss, FinishTask(Task.unguarded.get().pk, 0, "talked"))
    with pytest.raises(Conflict):
        do(boss, Undo(result.event or 0))


def test_what_the_house_noted_since_does_not(boss: Actor) -> None:
    key = make(boss, **FULL)
    result = convert(boss, key)
    dispatcher.drain()
    do(boss, WriteNote("lead", key, "a word on the lead itself"))
    do(boss, Undo(result.event or 0))
    assert lead(key).state == "new"


def test_the_way_back_is_nobodys_to_read(boss: Actor) -> None:
    key = make(boss, **FULL)
    convert(boss, key)
    items, _before = story(again(boss), RecordRef("lead", key))
    payload = next(one.payload for one in items if one.type.key == "lead.converted")
    assert not {"made", "planned", "with"} & payload.keys()


def test_of_a_hidden_deal_the_story_says_nothing(boss: Actor) -> None:
    anna = colleague("Anna", "all")
    role = anna.roles[0]
    role.grants = role.grants | {"deal": {"view": "none"}}
    role.save()
    changed()
    key = make(boss, **FULL)
    convert(boss, key)
    items, _before = story(again(anna), RecordRef("lead", key))
    converted = next(one.payload for one in items if one.type.key == "lead.converted")
    assert "deal" not in converted["changes"] and "company" in converted["changes"]


def test_a_refused_lead_is_reopened_first(boss: Actor) -> None:
    key = make(boss, **FULL)
    do(boss, RefuseLead(key, 0, "spam"))
    with pytest.raises(Conflict):
        convert(boss, key)
    assert Lead.unguarded.get().state == "refused"
