"""The whole form of a card: its draft meets what others have changed; what it left alone takes nothing back."""

import re

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.parties.companies.model import Company
from comity.records.models import RecordRef
from comity.ui.drafts import draft_of
from support.browser import browser
from support.house import colleague, company

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Actor:
    return colleague("Ann", "all")


@pytest.fixture
def firm(boss: Actor) -> RecordRef:
    return company(boss, "Northwind", legal_name="Northwind Ltd", website="https://old.example", employees="5")


def form(client: Client, ref: RecordRef) -> dict[str, str]:
    """The fields of the whole form that these tests look at, as a browser would post them."""
    text = client.get(f"/companies/{ref.id}/edit").content.decode()
    found = {}
    for name in ("version", "name", "legal_name", "website", "employees"):
        tag = next(tag for tag in re.findall(r"<input[^>]*>", text) if f'name="{name}"' in tag)
        value = re.search(r'value="([^"]*)"', tag)
        found[name] = value[1] if value else ""
    return found


def keep(client: Client, ref: RecordRef, typed: dict[str, str]) -> None:
    """The form saves itself."""
    assert client.post(f"/drafts/company-{ref.id}", typed).status_code == 204


def held(ref: RecordRef) -> tuple[str, str, int | None]:
    return Company.unguarded.values_list("legal_name", "website", "employees").get(pk=ref.id)


def test_what_was_typed_is_there_again_over_the_version_it_was_typed_on(
    boss: Actor, ann: Actor, firm: RecordRef
) -> None:
    client = browser(ann)
    first = form(client, firm)
    keep(client, firm, first | {"legal_name": "Words of Ann"})
    run(boss, Update("company", firm.id, 0, {"legal_name": "Words of the boss", "employees": "8"}))
    page = client.get(f"/companies/{firm.id}/edit").content.decode()
    assert "note-bar" in page
    again = form(client, firm)
    assert again == first | {"legal_name": "Words of Ann", "employees": "8"}
    answer = client.post(f"/companies/{firm.id}/edit", again | {"legal_name": "Words of Ann"})
    assert answer.status_code == 409
    asked = answer.content.decode()
    assert "Words of Ann" in asked
    assert "Words of the boss" in asked
    assert held(firm) == ("Words of the boss", "https://old.example", 8)
    assert draft_of(ann, f"company-{firm.id}") is not None


def test_fields_left_alone_are_no_change_of_ones_own(boss: Actor, ann: Actor, firm: RecordRef) -> None:
    client = browser(ann)
    typed = form(client, firm) | {"website": "https://new.example"}
    keep(client, firm, typed)
    run(boss, Update("company", firm.id, 0, {"legal_name": "Once"}))
    run(boss, Update("company", firm.id, 0, {"legal_name": "Twice", "employees": ""}))
    assert client.post(f"/companies/{firm.id}/edit", typed).status_code == 302
    assert held(firm) == ("Twice", "https://new.example", None)
    assert draft_of(ann, f"company-{firm.id}") is None


def test_only_what_both_have_changed_is_asked(boss: Actor, ann: Actor, firm: RecordRef) -> None:
    client = browser(ann)
    typed = form(client, firm) | {"legal_name": "Mine", "website": "https://new.example"}
    run(boss, Update("company", firm.id, 0, {"legal_name": "Theirs", "employees": "8"}))
    answer = client.post(f"/companies/{firm.id}/edit", typed)
    assert answer.status_code == 409
    asked = answer.content.decode()
    assert re.findall(r'type="radio" name="take-(\w+)" value="mine"', asked) == ["legal_name"]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked))
    assert "employees" not in hidden
    assert client.post(f"/companies/{firm.id}/edit", hidden | {"take-legal_name": "mine"}).status_code == 302
    assert held(firm) == ("Mine", "https://new.example", 8)


def test_a_draft_without_a_sound_version_asks_rather_than_overwrites(boss: Actor, ann: Actor, firm: RecordRef) -> None:
    client = browser(ann)
    typed = form(client, firm)
    run(boss, Update("company", firm.id, 0, {"legal_name": "Theirs"}))
    for version in ("", "0", "-1", "99999999999", "nonsense"):
        keep(client, firm, typed | {"version": version, "legal_name": "Mine"})
        assert form(client, firm)["version"] == "1"
    keep(client, firm, typed | {"version": "99", "legal_name": "Mine"})
    assert form(client, firm)["version"] == "2"
