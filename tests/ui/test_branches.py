"""Branches and requisites: checked per country on their settings page and on the cards of companies."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.identity.models import Branch
from comity.kernel.errors import Invalid

pytestmark = pytest.mark.django_db
IBAN = "DE89 3704 0044 0532 0130 00"
NEW = "/settings/branches/do/new"
GOOD = {"name": "Berlin", "legal_name": "Example GmbH", "country": "DE", "tax_number": "DE 136 695 976",
        "bank_account": IBAN, "legal_address": "Street 1\n10115 Berlin"}  # fmt: skip


def test_a_branch_is_added_changed_archived_and_taken_back(root: Client, mira: Client) -> None:
    assert mira.get("/settings/branches").status_code == 404
    made = root.post(NEW, GOOD)
    url = made["Location"]
    row = Branch.objects.get()
    assert (row.bank_account, row.tax_number) == ("DE89370400440532013000", "DE136695976")
    assert "Example GmbH" in root.get("/settings/branches").content.decode()
    act = f"{url}/do"
    wrong = root.post(f"{act}/branch", {"bank_account": "DE88370400440532013000"})
    assert (wrong.status_code, "does not add up" in wrong.content.decode()) == (422, True)
    root.post(f"{act}/branch", {"country": "RU", "tax_number": "7707083893", "reg_number": "1027700132195",
                                "reason_code": "773601001", "bank_account": ""})  # fmt: skip
    row.refresh_from_db()
    assert (row.country, row.reg_number, row.reason_code) == ("RU", "1027700132195", "773601001")
    root.post(f"{act}/archive")
    assert "archived" in root.get("/settings/branches").content.decode()
    assert root.post(NEW, GOOD).status_code == 302
    again = root.post(f"{act}/restore")
    assert Branch.objects.filter(archived_at=None).count() == 1, again  # the name is taken by now


@pytest.mark.parametrize(
    "wrong",
    [{"tax_number": "DE136695977"}, {"country": "XX"}, {"name": ""}, {"bank_account": "DE88370400440532013000"}],
)
def test_what_does_not_add_up_is_refused_and_stays_typed(root: Client, wrong: dict[str, str]) -> None:
    answer = root.post(NEW, GOOD | wrong)
    assert answer.status_code == 422
    assert "Example GmbH" in answer.content.decode()
    assert not Branch.objects.exists()


def test_requisites_of_a_company_follow_its_country(users: dict[str, Any]) -> None:
    boss = user_actor(users["root"])
    russian = {"name": "Firm", "country": "RU", "tax_number": "7707083893", "reg_number": "1027700132195",
               "reason_code": "773601001", "bank_account": "40602810700000000025 049805746\n" + IBAN}  # fmt: skip
    ref = run(boss, Create("company", russian)).record
    for wrong in ({"reg_number": "1027700132196"}, {"reason_code": "1"},
                  {"bank_account": "40602810800000000025 049805746"}):  # fmt: skip
        with pytest.raises(Invalid) as told:
            run(boss, Update("company", ref.id, 0, wrong))
        assert list(told.value.fields) == list(wrong)
    run(boss, Update("company", ref.id, 0, {"country": "DE", "reg_number": "HRB 12", "reason_code": ""}))
