"""The page of an erasure: what is known, what goes, a reason and a word; the same by the API; told in the story."""

from datetime import date
from typing import Any

import pytest

from comity.changes import commands
from comity.changes.bus import run
from comity.exchange.erasing.commands import EraseData
from comity.kernel.errors import Invalid
from comity.parties.models import Person
from comity.records.erased import ERASED
from comity.records.models import ContactPoint, RecordRef
from comity.sales.leads.commands import ConvertLead
from comity.sales.models import Lead
from comity.timeline.models import Event
from comity.work.models import Note
from comity.work.notes.commands import WriteNote
from support.browser import browser
from support.house import again, colleague, person
from support.merging import made, settle
from support.programs import program

pytestmark = pytest.mark.django_db
WORD = "ERASE"


@pytest.fixture
def boss(boss: Any) -> Any:
    """He reads English."""
    from comity.access.snapshot import changed
    from comity.identity.models import User

    User.objects.filter(pk=boss.user_id).update(language="en")
    changed()
    return again(boss)


def sent(**more: Any) -> dict[str, Any]:
    return {"version": "0", "reason": "request", "day": "2020-01-31", "words": "", "word": WORD, "notes": "1",
            "fields": ["given_name", "family_name", "phones"], "files": "", **more}  # fmt: skip


def test_the_page_tells_what_is_known_and_by_where_it_stands(boss: Any) -> None:
    ref = person(boss, "Mara", "Quill", phones=["+359888777666"], position="Buyer")
    twin = person(boss, "Mara", "Q", phones=["+359888777666"])
    made(boss, "deal", {"name": "Fence", "person": str(ref.id)})
    run(again(boss), WriteNote("person", ref.id, "Likes cats"))
    settle()
    text = browser(boss).get(f"/erase/people/{ref.id}").content.decode()
    assert "+359 88 877 7666" in text or "888 777 666" in text
    for word in ("Entries of the story", "Likely pairs", "Deals", "Backups made before", str(twin.id), "(1)"):
        assert word in text, word
    assert '<input type="checkbox" name="fields" value="phones" checked>' in text
    assert '<input type="checkbox" name="fields" value="position">' in text


def test_a_word_and_a_reason_are_wanted_and_what_was_chosen_stays_chosen(boss: Any) -> None:
    ref = person(boss, "Mara", "Quill", phones=["+359888777666"], position="Buyer")
    page = browser(boss)
    answer = page.post(f"/erase/people/{ref.id}", sent(word="yes", fields=["position"]))
    assert answer.status_code == 422 and "Type the word ERASE" in answer.content.decode()
    assert '<input type="checkbox" name="fields" value="position" checked>' in answer.content.decode()
    answer = page.post(f"/erase/people/{ref.id}", sent(day=""))
    assert answer.status_code == 422 and "on which day" in answer.content.decode()
    answer = page.post(f"/erase/people/{ref.id}", sent(version="9"))
    assert answer.status_code == 409
    assert Person.unguarded.get(pk=ref.id).given_name == "Mara"
    answer = page.post(f"/erase/people/{ref.id}", sent(word="erase "))
    assert answer.status_code == 302 and answer["Location"] == f"/people/{ref.id}"
    assert not ContactPoint.objects.filter(record_id=ref.id).exists()
    text = page.get(f"/people/{ref.id}").content.decode()
    assert "Erased person" in text and "erased the person’s data for good" in text and "Mara" not in text
    assert "Erased person" in page.get("/people/").content.decode()


def test_a_lead_is_erased_too_and_words_of_a_reason_never_name_him(boss: Any) -> None:
    ref = made(boss, "lead", {"contact_name": "Mara Quill", "company_name": "Meadow", "phones": ["+359888777666"]})
    assert f"/erase/leads/{ref.id}" in browser(boss).get(f"/leads/{ref.id}").content.decode()
    answer = browser(boss).post(
        f"/erase/leads/{ref.id}",
        sent(reason="other", words="Mara Quill died", fields=["contact_name", "phones"]),
    )
    assert answer.status_code == 302
    assert Lead.unguarded.get(pk=ref.id).title == "Meadow"
    assert Event.objects.get(type="person.erased").payload["words"] == f"{ERASED} died"


def test_a_copy_he_may_not_see_is_erased_and_not_named(boss: Any) -> None:
    lead = made(boss, "lead", {"contact_name": "Mara Quill", "phones": ["+359888777666"]})
    run(again(boss), ConvertLead(lead.id, 0, person="new", company="", deal=None, next=None))
    ref = RecordRef("person", Lead.unguarded.get(pk=lead.id).person_id)
    olga = colleague("Olga", "own")
    from comity.access.models import Role
    from comity.access.snapshot import changed

    Role.objects.update(permits=["erase"])
    changed()
    run(again(boss), commands.update("person", ref.id, 0, {"owner": str(olga.user_id)}))
    assert str(lead.id) not in browser(olga).get(f"/erase/people/{ref.id}").content.decode()
    run(again(olga), EraseData("person", ref.id, 0, "request", date(2020, 1, 1)))
    assert Lead.unguarded.get(pk=lead.id).contact_name == ""


def test_by_the_api_under_the_same_right(boss: Any) -> None:
    ref = person(boss, "Mara", "Quill", phones=["+359888777666"])
    run(again(boss), WriteNote("person", ref.id, "Called Mara Quill"))
    api = program(boss)
    assert "which day" in str(api.post(f"/people/{ref.id}/actions/data-erase", {"reason": "request"}, 422))
    api.post(f"/people/{ref.id}/actions/data-erase",
             {"version": 1, "reason": "request", "day": "2020-01-31", "notes": False})  # fmt: skip
    assert Person.unguarded.get(pk=ref.id).title == ERASED
    assert Note.objects.get().text == f"Called {ERASED}"
    paths = api.get("/openapi.json")["paths"]
    assert any("/people/" in path and path.endswith("data-erase") for path in paths)
    assert not any("/companies/" in path and path.endswith("data-erase") for path in paths)
    olga = colleague("Olga", "all")
    other = person(boss, "Ann", "One")
    program(olga).post(f"/people/{other.id}/actions/data-erase", {"reason": "other", "words": "x"}, 403)
    assert Person.unguarded.get(pk=other.id).given_name == "Ann"


def test_a_field_hidden_from_him_is_not_named_and_goes_all_the_same(boss: Any) -> None:
    from comity.access.models import Role
    from comity.access.snapshot import changed

    ref = person(boss, "Mara", "Quill", phones=["+359888777666"], birth_date="1987-03-14", position="Buyer")
    olga = colleague("Olga", "all", fields={"person": {"birth_date": "hide", "position": "hide"}})
    Role.objects.update(permits=["erase"])
    changed()
    text = browser(olga).get(f"/erase/people/{ref.id}").content.decode()
    assert 'value="phones"' in text and 'value="birth_date"' not in text and 'value="position"' not in text
    with pytest.raises(Invalid):
        run(again(olga), EraseData("person", ref.id, 0, "request", date(2020, 1, 1), fields=["position"]))
    run(again(olga), EraseData("person", ref.id, 0, "request", date(2020, 1, 1), fields=["phones"]))
    card = Person.unguarded.get(pk=ref.id)
    assert (card.birth_date, card.position, card.given_name) == (None, "Buyer", "Mara")
