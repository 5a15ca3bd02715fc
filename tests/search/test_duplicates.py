"""Likely duplicates while typing, and the word to a superior when the twin is hidden from the maker."""

from typing import Any

import pytest

from comity.access.actors import Actor, user_actor
from comity.changes import dispatcher
from comity.identity.models import Team, User
from comity.kernel import jobs
from comity.records.models import RecordRef
from comity.search.duplicates import likely
from comity.timeline.models import Event
from comity.timeline.story import story
from support.house import administrator, colleague, company, person

pytestmark = pytest.mark.django_db


def found(actor: Actor, type_key: str, values: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    matches = likely(actor, actor.state.record_types[type_key], values, **more)
    return [(match.title, match.why) for match in matches]


@pytest.mark.parametrize(
    "phone", ["8 916 123-45-67", "+7 (916) 1234567", [{"value": "9161234567", "label": "work"}], ["1", "9161234567"]]
)
def test_the_same_phone(boss: Actor, phone: Any) -> None:
    person(boss, "Иван", "Петров", phones=["+79161234567"])
    dispatcher.drain()
    assert found(boss, "person", {"phones": phone}) == [("Петров Иван", "phones")]
    assert found(boss, "company", {"phones": phone}) == []


def test_the_same_mail_and_tax_number(boss: Actor) -> None:
    company(boss, "Ромашка", emails=["Info@Romashka.ru"], tax_number="7707083893", country="RU")
    dispatcher.drain()
    assert found(boss, "company", {"emails": "info@romashka.RU"}) == [("Ромашка", "emails")]
    assert found(boss, "company", {"tax_number": "7707 083 893", "country": "RU"}) == [("Ромашка", "taxnumber")]
    assert found(boss, "company", {"tax_number": "7707", "emails": "info@", "phones": "12"}) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "ромашка ооо"}, True),
        ({"name": "Рамашка"}, True),
        ({"name": "Ромашка Плюс"}, False),
        ({"name": "Ром"}, False),
        ({"legal_name": "Общество Лютик"}, True),
        ({"name": "ООО"}, False),
    ],
)
def test_similar_names_of_companies(boss: Actor, values: dict[str, str], expected: bool) -> None:
    company(boss, "ООО «Ромашка»", legal_name="Общество «Лютик»")
    dispatcher.drain()
    assert found(boss, "company", values) == ([("ООО «Ромашка»", "name")] if expected else [])


def test_names_of_people_need_both_parts(boss: Actor) -> None:
    person(boss, "Наталья", "Ковальчук")
    dispatcher.drain()
    assert found(boss, "person", {"given_name": "Наталя", "family_name": "Ковальчюк"}) == [
        ("Ковальчук Наталья", "name")
    ]
    assert found(boss, "person", {"family_name": "Ковальчук"}) == []
    assert found(boss, "person", {"given_name": "Анна", "family_name": "Ковальчук"}) == []


def test_not_the_record_itself(boss: Actor) -> None:
    ref = company(boss, "Ромашка")
    dispatcher.drain()
    assert found(boss, "company", {"name": "Ромашка"}, exclude_id=ref.id) == []


def test_hidden_records_and_unread_fields_match_nothing(boss: Actor) -> None:
    own = colleague("Own")
    masked = colleague("Masked", "all", {"company": {"phones": "mask", "tax_number": "hide", "name": "hide"}})
    other = colleague("Other")
    values = {"phones": ["+79161234567"], "tax_number": "7707083893", "country": "RU", "name": "Ромашка"}
    company(other, **values)
    dispatcher.drain()
    for key in ("phones", "tax_number", "name"):
        assert found(other, "company", {key: values[key], "country": "RU"}) != []
        assert found(own, "company", {key: values[key], "country": "RU"}) == []
        assert found(masked, "company", {key: values[key], "country": "RU"}) == []


def suspicions() -> list[Event]:
    dispatcher.drain()
    jobs.run_due()
    return list(Event.objects.filter(type="duplicate.suspected"))


def test_a_hidden_twin_is_told_to_the_lead_who_sees_both(boss: Actor) -> None:
    top = Team.objects.create(name="Top")
    north, south = (Team.objects.create(name=name, parent=top) for name in ("North", "South"))
    anna, boris = colleague("Anna", team=north), colleague("Boris", team=south)
    colleague("Northlead", "team", team=north, lead=True)  # does not see the south
    head = colleague("Head", "team", team=top, lead=True)
    known = company(anna, "Ромашка", phones=["+79161234567"])
    new = company(boris, "Лютик", phones=["+79161234567"])
    (event,) = suspicions()
    assert (event.primary_id, event.payload["other"]) == (known.id, ["company", str(new.id)])
    assert event.payload["for"] == [str(head.user_id)]
    assert event.cause_id == Event.objects.get(type="record.created", primary_id=new.id).id
    assert tells(head, known)
    assert tells(head, new)
    assert not tells(anna, known)
    assert not tells(boris, new)


def tells(actor: Actor, ref: RecordRef) -> bool:
    items, _before = story(user_actor(actor.user_id), ref)  # type: ignore[arg-type]
    return any(item.type.key == "duplicate.suspected" for item in items)


def test_managers_then_administrators(boss: Actor) -> None:
    anna = colleague("Anna")
    chief = colleague("Chief", "all")
    idle = User.objects.create(name="Idle", email_fold="idle@example.com", manager_id=chief.user_id)
    boris = colleague("Boris", manager=idle)
    clara = colleague("Clara")
    company(anna, "Ромашка")
    company(boris, "Ромашка")
    (event,) = suspicions()
    assert event.payload["for"] == [str(chief.user_id)]
    second = administrator("Second")
    person(anna, "Пётр", "Первый", phones=["+79160000001"])
    person(clara, "Иван", "Второй", phones=["+79160000001"])
    event = suspicions()[-1]
    assert set(event.payload["for"]) == {str(boss.user_id), str(second.user_id)}


def test_one_word_per_pair_and_none_for_what_the_maker_saw(boss: Actor) -> None:
    from comity.search import suspicion

    anna, boris = colleague("Anna"), colleague("Boris")
    company(anna, "Ромашка")
    company(anna, "Ромашка")
    assert suspicions() == []
    company(boris, "Ромашка")
    assert len(suspicions()) == 2  # one for each of Anna's two
    suspicion.handle(list(Event.objects.filter(type="record.created").order_by("-seq")))
    assert len(suspicions()) == 2
