"""A field that must be filled from a stage on is part of every gate that leads there or beyond."""

import pytest

from comity.access.actors import Actor
from comity.changes.commands import Update
from comity.kernel.errors import Invalid
from comity.sales.deals.commands import GateClosed
from comity.sales.leads.commands import AnswerLead, QualifyLead
from support import fields, leads
from support.browser import browser
from support.deals import deal, held, move, win
from support.house import colleague
from support.pipelines import do

pytestmark = pytest.mark.django_db


def test_no_deal_goes_past_it_without_the_field(boss: Actor) -> None:
    fields.field(boss, "deal", "budget", "money", required="since", since="meeting")
    fields.field(boss, "deal", "guest", "relation", target="person", required="since", since="quote")
    ref = deal(boss, amount={"amount": "5", "currency": "EUR"})
    move(boss, ref, "qualified")
    for stage in ("meeting", "quote"):
        with pytest.raises(GateClosed) as closed:
            move(boss, ref, stage)
        assert "own_budget" in closed.value.fields
    with pytest.raises(GateClosed):
        win(boss, ref)
    do(boss, Update("deal", ref.id, 0, {"own_budget": {"amount": "10", "currency": "EUR"}}))
    move(boss, ref, "meeting")
    with pytest.raises(GateClosed) as closed:
        move(boss, ref, "quote")
    assert list(closed.value.fields) == ["own_guest"]
    person = fields.run(boss, fields.Create("person", {"given_name": "Anna", "family_name": "Rossi"})).record
    do(boss, Update("deal", ref.id, 0, {"own_guest": str(person.id)}))
    move(boss, ref, "quote")
    move(boss, ref, "qualified")  # back asks for nothing
    assert held(ref).stage == "qualified"


def test_the_stages_are_on_offer(boss: Actor) -> None:
    made = fields.field(boss, "deal", "budget", "money")
    client = browser(boss)
    page = client.get(f"/settings/fields/{made.id}").content.decode()
    assert 'value="meeting"' in page and 'value="lost"' not in page
    use = {"required": "since", "since": "meeting"}
    assert client.post(f"/settings/fields/{made.id}/do/use", use).status_code == 302


def test_no_lead_goes_past_it_either(boss: Actor) -> None:
    fields.field(boss, "lead", "need", "text", required="since", since="qualified")
    ref = leads.make(boss)
    do(boss, AnswerLead(ref))
    with pytest.raises(Invalid) as refused:
        do(boss, QualifyLead(ref))
    assert "own_need" in refused.value.fields
    do(boss, Update("lead", ref, 0, {"own_need": "Ten pumps"}))
    do(boss, QualifyLead(ref))


def test_a_field_he_may_not_see_is_not_named(boss: Actor) -> None:
    fields.field(boss, "lead", "need", "text", required="since", since="qualified")
    mira = colleague("mira", "all", fields={"lead": {"own_need": "hide"}})
    ref = leads.make(boss)
    with pytest.raises(Invalid) as refused:
        do(mira, QualifyLead(ref))
    assert not refused.value.fields and "Need" not in str(refused.value.what)
