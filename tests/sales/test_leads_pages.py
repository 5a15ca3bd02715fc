"""The pages of leads: the card's head and buttons, refusing and converting with and without scripts, likely twins."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes import commands, dispatcher
from comity.identity.models import Organization, Team
from comity.kernel import jobs
from comity.parties.models import Company, Person
from comity.records.models import Relation
from comity.sales.leads.commands import AnswerLead, ConvertLead, QualifyLead, RefuseLead
from comity.sales.models import Deal
from comity.timeline.models import Event
from comity.work.models import Task
from conftest import Clock
from support.browser import browser
from support.forms import read_form
from support.house import administrator, colleague, company, person
from support.leads import do, lead, make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)


@pytest.fixture
def root(stopped_clock: Clock) -> Actor:
    """The administrator of an English-speaking company, on a Monday at ten."""
    stopped_clock.move(MONDAY)
    Organization.objects.create(name="House", country="DE", language="en", currency="EUR")
    return administrator()


@pytest.fixture
def web(root: Actor) -> Client:
    """Her browser, without scripts."""
    return browser(root)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def shown(web: Client, key: UUID) -> str:
    return text(web.get(f"/leads/{key}"))


def buttons(html: str) -> set[str]:
    """What the head of the card offers."""
    found = re.search(r'<div class="chips desk-only">(.*?)</div></div>|$', html, re.S)
    return set(re.findall(r'aria-label="([^"]+)"', found[0] if found else ""))


# --- the card --------------------------------------------------------------------------------------------------------


def test_the_head_says_by_when_to_answer(root: Actor, web: Client, stopped_clock: Clock) -> None:
    key = make(root, "Anna Beck")
    stopped_clock.tick(minutes=25)
    assert "Answer within 35 min" in shown(web, key)
    assert '<span class="pill now">' in shown(web, key)
    stopped_clock.tick(minutes=100)
    assert "The first answer is late by 1 h 5 min" in shown(web, key)
    assert '<span class="pill bad">' in shown(web, key)
    do(root, AnswerLead(key))
    assert "First answered within 2 h 5 min" in shown(web, key)


def test_the_way_shows_where_it_stands(root: Actor, web: Client) -> None:
    key = make(root)
    here = re.compile(r'aria-current="step">.*?dir="auto">([^<]+)<', re.S)
    assert here.findall(shown(web, key)) == ["New"]
    do(root, QualifyLead(key))
    assert here.findall(shown(web, key)) == ["Qualified"]
    do(root, ConvertLead(key, 0, "new"))
    assert here.findall(shown(web, key)) == ["Became a deal"]
    other = make(root, "Other")
    do(root, RefuseLead(other, 0, "too_small"))
    assert "Refused" in shown(web, other) and "Too small" in shown(web, other)


def test_each_state_offers_what_can_be_done(root: Actor, web: Client) -> None:
    key = make(root)
    assert {"Answered", "Qualify", "Convert", "Refuse"} <= buttons(shown(web, key))
    do(root, QualifyLead(key))
    assert buttons(shown(web, key)) == {"Convert", "Refuse"}
    do(root, RefuseLead(key, 0, "spam"))
    assert buttons(shown(web, key)) == {"Reopen"}


def test_who_may_only_look_is_offered_nothing(root: Actor) -> None:
    key = make(root)
    reader = colleague("Reader", "all")
    role = reader.roles[0]
    role.grants = {"*": {"view": "all"}}
    role.save()
    changed()
    page = shown(browser(reader), key)
    assert not {"Answered", "Qualify", "Convert", "Refuse"} & buttons(page)
    for act in ("answer", "qualify", "reopen", "refuse", "convert"):
        assert browser(reader).post(f"/leads/{key}/{act}").status_code == 403
        assert browser(colleague(f"Stranger {act}")).post(f"/leads/{key}/{act}").status_code == 404


def test_to_whom_the_state_is_hidden_nothing_of_it_shows(root: Actor) -> None:
    key = make(root)
    half = colleague("Half", "all", {"lead": {"state": "hide", "answer_due_at": "hide"}})
    page = shown(browser(half), key)
    assert "Qualify" not in page and "Answer within" not in page
    assert browser(half).post(f"/leads/{key}/qualify").status_code == 404


@pytest.mark.parametrize(("act", "state"), [("answer", "working"), ("qualify", "qualified")])
def test_a_button_pressed_twice_acts_once(root: Actor, web: Client, act: str, state: str) -> None:
    key = make(root)
    for _press in range(2):
        answer = web.post(f"/leads/{key}/{act}?v=1")
        assert (answer.status_code, answer["Location"]) == (302, f"/leads/{key}")
    assert lead(key).state == state
    assert Event.objects.exclude(type="record.created").count() == 1
    said = shown(web, key)
    assert "/undo/" in said


def test_a_button_of_an_old_page_tells_who_was_quicker(root: Actor, web: Client) -> None:
    key = make(root)
    do(colleague("Anna", "all"), ConvertLead(key, 0, "new", "", {"name": "Windows"}))
    answer = web.post(f"/leads/{key}/qualify?v=1")
    assert answer.status_code == 409
    assert "Anna has converted this lead already." in text(answer)
    assert f'href="/deals/{Deal.unguarded.get().pk}"' in text(answer)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_refusing_asks_why(root: Actor, web: Client, headers: dict[str, str]) -> None:
    key, known = make(root), company(root, "Beck & Sons")
    page = web.get(f"/leads/{key}/refuse", headers=headers)
    posted = read_form(text(page))
    posted["reason"] = [""]
    refused = web.post(f"/leads/{key}/refuse", posted, headers=headers)
    assert refused.status_code == 422 and "Choose why it is refused." in text(refused)
    posted = read_form(text(refused))
    posted |= {"reason": ["twice"], "note": ["see there"], "same": [""], "same_text": ["beck & sons"]}
    done = web.post(f"/leads/{key}/refuse", posted, headers=headers)
    assert done.status_code == (200 if headers else 302)
    assert (lead(key).refuse_reason, lead(key).refuse_note) == ("twice", "see there")
    assert Relation.objects.get().to_id == known.id
    assert "Reopen" in shown(web, key)
    web.post(f"/leads/{key}/reopen?v=2")
    assert lead(key).state == "working"


def test_a_card_nobody_knows_is_no_double(root: Actor, web: Client) -> None:
    key = make(root)
    for given in ({"same_text": "Nobody"}, {"same": "company:nonsense"}, {"same": f"company:{key}"}):
        answer = web.post(f"/leads/{key}/refuse", {"reason": "twice", **given})
        assert answer.status_code == 422 and "Choose one of the list." in text(answer)
    assert lead(key).state == "new"


# --- converted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_one_press_converts(root: Actor, web: Client, headers: dict[str, str]) -> None:
    key = make(
        root, "Anna Beck", company_name="Beck & Sons", need="Four windows", phones=["+493012345678"],
        budget={"amount": "1200.50", "currency": "EUR"},
    )  # fmt: skip
    page = text(web.get(f"/leads/{key}/convert", headers=headers))
    assert ("<html" in page) == (not headers)
    done = web.post(f"/leads/{key}/convert", read_form(page), headers=headers)
    assert done.status_code == (200 if headers else 302), text(done)
    deal, human, firm = Deal.unguarded.get(), Person.unguarded.get(), Company.unguarded.get()
    assert done[("HX-Redirect" if headers else "Location")] == f"/deals/{deal.pk}"
    assert (deal.name, deal.amount, deal.pipeline) == ("Four windows", 12_005_000, "sales")
    assert (deal.person_id, deal.company_id, human.company_id) == (human.pk, firm.pk, firm.pk)
    assert (human.given_name, human.family_name, firm.name) == ("Anna", "Beck", "Beck & Sons")
    page = text(web.get(f"/deals/{deal.pk}"))
    assert f'href="/leads/{key}"' in page and "/undo/" in page
    undo = re.findall(r'class="toast"><span>Converted.</span><form method="post" action="/undo/(\d+)"', page)[0]
    assert web.post(f"/undo/{undo}")["Location"] == f"/leads/{key}"
    assert lead(key).state == "new"


def test_the_story_leads_to_what_it_became(root: Actor, web: Client) -> None:
    key = make(root, "Anna Beck", company_name="Beck & Sons")
    made = do(root, ConvertLead(key, 0, "new", "new", {})).data
    told = re.findall(r'<a class="chip" href="(/(?:deals|people|companies)/[^"]+)"', shown(web, key))
    assert told == [f"/deals/{made['deal']}", f"/people/{made['person']}", f"/companies/{made['company']}"]
    half = colleague("Half", "all")
    role = half.roles[0]
    role.grants = role.grants | {"deal": {"view": "none"}}
    role.save()
    changed()
    page = shown(browser(half), key)
    assert made["deal"] not in page and f'href="/people/{made["person"]}"' in page


def test_the_line_under_the_name_does_not_repeat_it(root: Actor, web: Client) -> None:
    line = re.compile(r"<h1[^>]*>[^<]*</h1><p>(.*?)</p>", re.S)
    assert "Anna" not in line.findall(shown(web, make(root, "Anna Beck", company_name="Beck & Sons")))[0]
    assert not line.findall(shown(web, do(root, commands.create("lead", {"company_name": "Beck"})).record.id))


def test_it_begins_with_whom_we_know_by_phone(root: Actor, web: Client) -> None:
    firm = company(root, "Beck & Sons")
    human = person(root, "Anna", "Beck", phones=["+493012345678"], company=str(firm.id))
    person(root, "Anna", "Bock")
    dispatcher.drain()
    key = make(root, "Anna Beck", phones=["030 12345678"])
    form = read_form(text(web.get(f"/leads/{key}/convert")))
    assert (form["person"], form["company"]) == ([str(human.id)], [str(firm.id)])
    web.post(f"/leads/{key}/convert", form)
    assert Person.unguarded.count() == 2 and Company.unguarded.count() == 1
    assert (Deal.unguarded.get().person_id, Deal.unguarded.get().company_id) == (human.id, firm.id)


def test_where_the_person_works_is_likely_the_company_of_a_like_name(root: Actor, web: Client) -> None:
    firm = company(root, "Beck & Sons GmbH")
    person(root, "Anna", "Beck", phones=["+493012345678"], company=str(firm.id))
    for name, chosen in (("Beck and Sons", str(firm.id)), ("Dorn GmbH", "new")):
        key = make(root, "Anna Beck", phones=["030 12345678"], company_name=name)
        assert read_form(text(web.get(f"/leads/{key}/convert")))["company"] == [chosen]


def test_a_similar_name_alone_is_offered_but_not_taken(root: Actor, web: Client) -> None:
    known = person(root, "Anna", "Beck")
    dispatcher.drain()
    key = make(root, "Anna Beck")
    page = text(web.get(f"/leads/{key}/convert"))
    assert f'value="{known.id}"' in page
    assert read_form(page)["person"] == ["new"]
    asked = text(web.get(f"/leads/{key}/convert?person={known.id}"))
    assert read_form(asked)["person"] == [str(known.id)]


def test_another_one_is_chosen_by_name(root: Actor, web: Client) -> None:
    known = person(root, "Carl", "Dorn")
    key = make(root, "Anna Beck")
    form = read_form(text(web.get(f"/leads/{key}/convert")))
    form |= {"person-other_text": ["nobody at all"], "deal": [""]}
    refused = web.post(f"/leads/{key}/convert", form)
    assert refused.status_code == 422 and "Choose one of the list." in text(refused)
    form |= {"person-other_text": ["carl dorn"]}
    assert web.post(f"/leads/{key}/convert", form)["Location"] == f"/people/{known.id}"
    assert lead(key).person_id == known.id and not Deal.unguarded.exists()


def test_what_was_typed_stays_where_it_is_refused(root: Actor, web: Client) -> None:
    key = make(root, "Anna Beck")
    form = read_form(text(web.get(f"/leads/{key}/convert")))
    form |= {
        "deal-name": ["Doors"], "deal-amount-amount": ["much"], "next-name": ["Call"], "next-due_at": ["soon"],
        "person": [""],
    }  # fmt: skip
    refused = web.post(f"/leads/{key}/convert", form)
    assert refused.status_code == 422
    again = read_form(text(refused))
    assert again["deal-name"] == ["Doors"] and again["next-name"] == ["Call"] and again["person"] == [""]
    assert not Deal.unguarded.exists()
    form |= {"deal-amount-amount": ["10"], "next-due_at": ["2026-03-12T10:00"]}
    assert web.post(f"/leads/{key}/convert", form).status_code == 302
    assert Task.unguarded.get(name="Call").about_id == Deal.unguarded.get().pk


def test_nothing_chosen_is_said_in_words(root: Actor, web: Client) -> None:
    key = make(root, "Anna Beck")
    answer = web.post(f"/leads/{key}/convert", {"person": "", "company": "", "deal": ""})
    assert answer.status_code == 422 and "Choose what the lead becomes" in text(answer)


def test_the_second_form_is_told_who_was_quicker(root: Actor, web: Client) -> None:
    key = make(root, "Anna Beck")
    form = read_form(text(web.get(f"/leads/{key}/convert")))
    do(colleague("Boris", "all"), ConvertLead(key, 0, "new", "", {"name": "Windows"}))
    for answer in (web.post(f"/leads/{key}/convert", form, headers=HTMX), web.get(f"/leads/{key}/convert")):
        assert answer.status_code == 409
        assert "Boris has converted this lead already." in text(answer)
        assert f'href="/deals/{Deal.unguarded.get().pk}"' in text(answer)
    assert Deal.unguarded.count() == 1


def test_a_hidden_person_is_neither_offered_nor_asked_for(root: Actor) -> None:
    hidden = person(root, "Anna", "Beck", phones=["+493012345678"])
    dispatcher.drain()
    boris = colleague("Boris")
    key = make(boris, "Anna Beck", phones=["+493012345678"])
    page = text(browser(boris).get(f"/leads/{key}/convert?person={hidden.id}"))
    assert str(hidden.id) not in page
    assert "Perhaps already here" not in shown(browser(boris), key)


# --- here already ----------------------------------------------------------------------------------------------------


def test_while_typing_people_companies_and_leads_are_shown(root: Actor, web: Client) -> None:
    human = person(root, "Anna", "Beck", phones=["+493012345678"])
    firm = company(root, "Beck & Sons")
    other = make(root, "Anna Beck")
    dispatcher.drain()
    query = {
        "contact_name": "Beck Anna", "company_name": "beck & sons", "phones-0-value": "030 12345678",
        "phones-count": "1",
    }  # fmt: skip
    found = text(web.get("/leads/duplicates", query, headers=HTMX))
    for url in (f"/people/{human.id}", f"/companies/{firm.id}", f"/leads/{other}"):
        assert f'<a class="btn" href="{url}">Use this one' in found
    assert found.index("/people/") < found.index("/companies/")  # the phone is surer than a name
    assert "same phone" in found and "similar name" in found
    assert "/leads/" not in text(web.get("/leads/duplicates", {"contact_name": "Anna"}, headers=HTMX))


def test_the_card_offers_to_take_the_one_it_may_be(root: Actor, web: Client) -> None:
    human = person(root, "Anna", "Beck", phones=["+493012345678"])
    other = make(root, "Carl Dorn", phones=["+493012345678"])
    key = make(root, "Dora Ernst", phones=["+493012345678"])
    page = shown(web, key)
    assert "Perhaps already here" in page
    assert f'href="/leads/{key}/convert?person={human.id}"' in page
    twice = f"/leads/{key}/refuse?reason=twice&amp;same=lead%3A{other}"
    assert f'href="{twice}"' in page
    form = read_form(text(web.get(twice.replace("&amp;", "&"))))
    assert (form["reason"], form["same"], form["same_text"]) == (["twice"], [f"lead:{other}"], ["Carl Dorn"])
    web.post(f"/leads/{key}/refuse", form)
    assert lead(key).state == "refused"
    assert "Perhaps already here" not in shown(web, key)


def test_a_phone_that_is_masked_finds_nobody(root: Actor) -> None:
    person(root, "Anna", "Beck", phones=["+493012345678"])
    key = make(root, "Dora Ernst", phones=["+493012345678"])
    masked = colleague("Masked", "all", {"lead": {"phones": "mask"}})
    assert "Perhaps already here" not in shown(browser(masked), key)


def test_a_hidden_client_is_told_to_the_one_who_sees_both(root: Actor) -> None:
    top = Team.objects.create(name="Top")
    north, south = (Team.objects.create(name=name, parent=top) for name in ("North", "South"))
    anna, boris = colleague("Anna", team=north), colleague("Boris", team=south)
    head = colleague("Head", "team", team=top, lead=True)
    known = person(anna, "Anna", "Beck", phones=["+493012345678"])
    new = make(boris, "A. Beck", phones=["+493012345678"])
    dispatcher.drain()
    jobs.run_due()
    event = Event.objects.get(type="duplicate.suspected")
    assert (event.primary_id, event.payload["other"]) == (known.id, ["lead", str(new)])
    assert event.payload["for"] == [str(head.user_id)]


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_has_views_of_its_own(root: Actor, web: Client) -> None:
    new, talking, mine, refused, done = (make(root, f"Lead {n}") for n in range(5))
    anna = colleague("Anna", "all")
    for key in (new, talking, refused, done):
        do(root, commands.update("lead", key, 0, {"owner": str(anna.user_id)}))
    do(root, AnswerLead(talking))
    do(root, RefuseLead(refused, 0, "spam"))
    do(root, ConvertLead(done, 0, "new"))

    def rows(view: str) -> set[str]:
        return set(re.findall(r'<tr data-id="([^"]+)"', text(web.get(f"/leads/?view={view}"))))

    assert rows("") == rows("open") == {str(new), str(talking), str(mine)}
    assert rows("new") == rows("unanswered") == {str(new), str(mine)}
    assert rows("mine") == {str(mine)}
    assert rows("refused") == {str(refused)}
    assert len(rows("all")) == 5


def test_quick_create_asks_for_three_things(root: Actor, web: Client) -> None:
    page = text(web.get("/leads/new?quick=1", headers=HTMX))
    names = set(re.findall(r'name="([a-z_]+)', page)) - {"idempotency", "next"}
    assert names == {"contact_name", "phones", "need"}
    posted = read_form(page) | {"contact_name": ["Anna"], "phones-0-value": ["030 12345678"], "need": ["Doors"]}
    url = web.post("/leads/new?quick=1", posted, headers=HTMX)["HX-Redirect"]
    one = lead(UUID(url.rpartition("/")[2]))
    assert (one.state, one.answer_due_at is not None) == ("new", True)
    empty = read_form(text(web.get("/leads/new?quick=1", headers=HTMX)))
    nameless = web.post("/leads/new?quick=1", empty, headers=HTMX)
    assert nameless.status_code == 422 and "Fill in at least one of these" in text(nameless)
