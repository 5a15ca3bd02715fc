"""Formulas over other cards: sums over those that link here, fields of those linked to; counted behind every change."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access import policy
from comity.access.models import Role
from comity.changes import dispatcher, recount
from comity.changes.bus import run
from comity.changes.commands import Restore, Trash, Update
from comity.changes.models import Recount
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.kernel import jobs
from comity.kernel.errors import Invalid
from comity.kernel.models import Job
from comity.records.models import CustomField, RecordRef
from comity.timeline.models import Event
from comity.timeline.story import story
from support.deals import deal, lose, win
from support.fields import card, kind
from support.formulas import custom, field, formula, reader, settle
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db
WON = 'sum(deal.amount, deal.state = "won")'


def change(actor: Any, ref: RecordRef, **values: Any) -> Any:
    """A change of a card's fields."""
    return run(again(actor), Update(ref.type, ref.id, 0, values))


def test_a_sum_follows_every_change(boss: Any) -> None:
    formula(boss, "company", "won", WON)
    formula(boss, "company", "deals", "count(deal)")
    one, other = company(boss, "One"), company(boss, "Other")
    settle()
    assert custom(boss, one) == {"deals": 0}  # no sum of money without a currency
    first = deal(boss, company=str(one.id), amount=["100", "RUB"])
    second = deal(boss, company=str(one.id), amount=["30", "RUB"])
    settle()
    assert custom(boss, one) == {"deals": 2}
    win(boss, first)
    win(boss, second)
    settle()
    assert custom(boss, one) == {"deals": 2, "won": [1_300_000, "RUB"]}
    moved = change(boss, second, company=str(other.id))
    settle()
    assert custom(boss, one) == {"deals": 1, "won": [1_000_000, "RUB"]}
    assert custom(boss, other) == {"deals": 1, "won": [300_000, "RUB"]}
    run(again(boss), Undo(moved.event))
    settle()
    assert (custom(boss, one)["won"], custom(boss, other)) == ([1_300_000, "RUB"], {"deals": 0})


def test_the_trash_does_not_count(boss: Any) -> None:
    formula(boss, "company", "deals", "count(deal)")
    one = company(boss, "One")
    ref = deal(boss, company=str(one.id))
    held = reader(boss, one)
    settle()
    assert held("deals") == 1
    run(boss, Trash("deal", ref.id))
    settle()
    assert held("deals") == 0
    run(boss, Restore("deal", ref.id))
    settle()
    assert held("deals") == 1
    made = Event.objects.get(type="record.created", primary_id=ref.id)
    run(boss, Undo(made.pk))
    settle()
    assert held("deals") == 0


def test_every_figure(boss: Any) -> None:
    field(boss, "deal", "pieces", "integer", unit="pieces")
    field(boss, "deal", "area", "number", unit="square_metre")
    field(boss, "deal", "rate", "percent")
    field(boss, "deal", "hot", "bool")
    field(boss, "deal", "day", "date")
    texts = {
        "n": "count(deal.own_day)", "hot": "count(deal, deal.own_hot)", "pieces": "sum(deal.own_pieces)",
        "area": "avg(deal.own_area)", "rate": "avg(deal.own_rate)", "first": "min(deal.own_day)",
        "last": "max(deal.expected_on)", "top": "max(deal.amount)", "mean": "avg(deal.amount)",
        "some": 'sum(deal.own_pieces, deal.own_area >= 2 and not (deal.name = "c" or empty(deal.own_day)))',
        "soon": "count(deal, deal.expected_on <= date(2026, 5, 5) and deal.own_rate != 20)",
        "named": 'count(deal, contains(deal.name, "A") or deal.own_pieces < 3)',
    }  # fmt: skip
    for key, text in texts.items():
        formula(boss, "company", f"c_{key}", text)
    ref = company(boss, "One")
    rows = [
        ("a", "2", "1", "10", True, "2026-01-05", ["10", "RUB"], "2026-05-05"),
        ("b", "3", "2.5", "20", False, "2025-01-05", ["20", "RUB"], "2026-05-06"),
        ("c", "", "4", "", True, "", "", ""),
    ]
    for name, pieces, area, rate, hot, day, amount, expected in rows:
        deal(boss, name, company=str(ref.id), own_pieces=pieces, own_area=area, own_rate=rate, own_hot=hot,
             own_day=day, amount=amount, expected_on=expected)  # fmt: skip
    settle()
    assert custom(boss, ref) == {
        "c_n": 2, "c_hot": 2, "c_pieces": 5, "c_area": 25_000, "c_rate": 150_000, "c_first": "2025-01-05",
        "c_last": "2026-05-06", "c_top": [200_000, "RUB"], "c_mean": [150_000, "RUB"], "c_some": 3, "c_soon": 1,
        "c_named": 1,
    }  # fmt: skip


def test_currencies_are_not_added_raw(boss: Any) -> None:
    formula(boss, "company", "raw", "sum(deal.amount)")
    formula(boss, "company", "all", 'sum(convert(deal.amount, "RUB"))')
    one = company(boss, "One")
    deal(boss, company=str(one.id), amount=["100", "RUB"])
    deal(boss, company=str(one.id), amount=["10", "USD"])
    settle()
    assert custom(boss, one) == {}
    run(boss, SaveSetting("rate", {"currency": "USD", "day": "2020-01-01", "rate": "80"}))
    settle()
    assert custom(boss, one) == {"all": [9_000_000, "RUB"]}


def test_a_field_of_a_linked_card(boss: Any) -> None:
    field(boss, "company", "area", "number", unit="square_metre")
    formula(boss, "deal", "metre", "amount / company.own_area")
    formula(boss, "deal", "words", 'concat(company.name, "!")')
    small, large = company(boss, "Small", own_area="10"), company(boss, "Large", own_area="1000")
    ref = deal(boss, company=str(small.id), amount=["100", "RUB"])
    held = reader(boss, ref)
    settle()
    assert (held("metre"), held("words")) == ([100_000, "RUB"], "Small!")
    change(boss, small, own_area="20", name="Tiny")
    settle()
    assert (held("metre"), held("words")) == ([50_000, "RUB"], "Tiny!")
    change(boss, ref, company=str(large.id))
    settle()
    assert held("metre") == [1_000, "RUB"]
    change(boss, ref, amount=["200", "RUB"])
    settle()
    assert held("metre") == [2_000, "RUB"]
    change(boss, ref, company="")
    settle()
    assert (held("metre"), held("words")) == (None, "!")


def test_what_depends_on_it_follows_across_types(boss: Any) -> None:
    formula(boss, "deal", "fee", "amount * percent(10)")
    formula(boss, "company", "fees", "sum(deal.own_fee)")
    formula(boss, "company", "yearly", "own_fees * 12")
    formula(boss, "person", "firm", "company.own_yearly")
    one = company(boss, "One")
    anna = person(boss, "Anna", "Berg", company=str(one.id))
    ref = deal(boss, company=str(one.id), amount=["100", "RUB"])
    settle()
    assert custom(boss, one) == {"fees": [100_000, "RUB"], "yearly": [1_200_000, "RUB"]}
    assert custom(boss, anna) == {"firm": [1_200_000, "RUB"]}
    change(boss, ref, amount=["200", "RUB"])
    settle()
    assert custom(boss, anna) == {"firm": [2_400_000, "RUB"]}


def test_a_circle_across_types_is_refused(boss: Any) -> None:
    field(boss, "deal", "base", "number", unit="number")
    part = formula(boss, "deal", "part", "own_base / 2")
    formula(boss, "company", "total", "sum(deal.own_part)")
    with pytest.raises(Invalid) as wrong:
        run(again(boss), SaveSetting("field", {"formula": "company.own_total / 2"}, part.record.id))
    text = str(wrong.value.fields["formula"][0])
    assert "part" in text and "total" in text and "circle" in text


def test_relations_made_by_clicks_are_followed_both_ways(boss: Any) -> None:
    kind(boss, "Flat", "Flats")
    field(boss, "own_flat", "price", "money")
    field(boss, "own_flat", "owners", "relation", target="person", several=True, backward={"en": "Flats"})
    field(boss, "own_flat", "firm", "relation", target="company", backward={"en": "Flats"})
    formula(boss, "person", "worth", "sum(own_flat.own_price)")
    formula(boss, "person", "flats", "count(own_flat)")
    formula(boss, "company", "top", "max(own_flat.own_price)")
    formula(boss, "own_flat", "by", "upper(own_firm.name)")
    with pytest.raises(Invalid):  # which of them?
        formula(boss, "own_flat", "bad", "own_owners.family_name")
    anna, boris, firm = person(boss, "Anna", "Berg"), person(boss, "Boris", "Baum"), company(boss, "Firm")
    first = card(boss, "own_flat", "First", own_price=["10", "RUB"], own_owners=[str(anna), str(boris)],
                 own_firm=[str(firm)])  # fmt: skip
    second = card(boss, "own_flat", "Second", own_price=["5", "RUB"], own_owners=[str(anna)])
    settle()
    assert custom(boss, anna) == {"worth": [150_000, "RUB"], "flats": 2}
    assert custom(boss, boris) == {"worth": [100_000, "RUB"], "flats": 1}
    assert custom(boss, firm) == {"top": [100_000, "RUB"]}
    assert (custom(boss, first)["by"], custom(boss, second).get("by")) == ("FIRM", None)
    change(boss, first, own_owners=[str(boris)], own_price=["20", "RUB"])
    change(boss, firm, name="Renamed")
    settle()
    assert custom(boss, anna) == {"worth": [50_000, "RUB"], "flats": 1}
    assert custom(boss, boris) == {"worth": [200_000, "RUB"], "flats": 1}
    assert (custom(boss, firm), custom(boss, first)["by"]) == ({"top": [200_000, "RUB"]}, "RENAMED")
    run(again(boss), Trash("own_flat", second.id))
    settle()
    assert custom(boss, anna) == {"flats": 0}


def test_it_is_nobodys_change(boss: Any) -> None:
    formula(boss, "company", "deals", "count(deal)")
    one = company(boss, "One")
    deal(boss, company=str(one.id))
    before = again(boss).state.record_types["company"].rows.values("version", "updated_at", "updated_by").get()
    settle()
    assert again(boss).state.record_types["company"].rows.values("version", "updated_at", "updated_by").get() == before
    told = Event.objects.filter(type="record.counted", primary_id=one.id)
    assert told.exists() and "changes" not in told[0].payload  # open pages hear of it
    assert "record.counted" not in {item.event.type for item in story(again(boss), one)[0]}
    change(boss, one, name="Two")  # and an edit of before is no conflict


def test_events_seen_again_change_nothing(boss: Any) -> None:
    formula(boss, "company", "deals", "count(deal)")
    one = company(boss, "One")
    deal(boss, company=str(one.id))
    settle()
    told = Event.objects.filter(type="record.counted").count()
    events = list(Event.objects.exclude(seq=None).order_by("seq"))
    jobs_before = Job.objects.count()
    recount.handle(events[-1:])
    recount.handle(events[-1:])
    recount.handle(events)
    settle()
    assert custom(boss, one)["deals"] == 1
    assert Event.objects.filter(type="record.counted").count() == told
    assert Job.objects.count() <= jobs_before + 2


def test_hidden_cards_count_and_the_figure_is_hidden_by_default(boss: Any) -> None:
    mira, lena = colleague("Mira", "own"), colleague("Lena", "all")
    formula(boss, "company", "won", WON)
    one = company(boss, "One")
    ref = deal(boss, company=str(one.id), amount=["100", "RUB"])
    win(boss, ref)
    settle()
    assert custom(boss, one)["won"] == [1_000_000, "RUB"]
    levels = {}
    for actor in (boss, mira, lena):
        known = again(actor).state.record_types["company"]
        levels[actor.user_id] = policy.level(again(actor), known, known.spec("own_won"))
    assert levels == {boss.user_id: "read", mira.user_id: "hide", lena.user_id: "read"}
    role = Role.objects.get(key="role-Mira")
    assert role.fields == {"company": {"own_won": "hide"}}
    assert "company" not in Role.objects.get(key="role-Lena").fields
    told = [event.payload for event in Event.objects.filter(type="setting.changed")]
    assert [one["changes"] for one in told if one["setting"] == "role"] == [{"fields": [{}, role.fields]}]


def test_the_cost_does_not_grow_with_the_cards(boss: Any) -> None:
    formula(boss, "company", "won", WON)
    formula(boss, "company", "deals", "count(deal)")
    one = company(boss, "One")
    made = [deal(boss, f"D{n}", company=str(one.id), amount=["1", "RUB"]) for n in range(2)]
    settle()

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            recount.count("company", [one.id], ["own_won", "own_deals"])
        return len(queries)

    first = cost()
    made += [deal(boss, f"E{n}", company=str(one.id), amount=["1", "RUB"]) for n in range(20)]
    settle()
    assert cost() == first
    assert custom(boss, one)["deals"] == len(made)


def test_many_changes_are_one_count(boss: Any) -> None:
    formula(boss, "company", "deals", "count(deal)")
    one = company(boss, "One")
    settle()
    for n in range(30):
        deal(boss, f"D{n}", company=str(one.id))
    before = Event.objects.filter(type="record.counted").count()
    dispatcher.drain()
    settle()
    assert custom(boss, one)["deals"] == 30
    assert Event.objects.filter(type="record.counted").count() == before + 1


def test_a_killed_count_goes_on_where_it_was(boss: Any, monkeypatch: Any, stopped_clock: Any) -> None:
    refs = [company(boss, f"C{n}") for n in range(5)]
    for ref in refs:
        deal(boss, company=str(ref.id))
    settle()
    monkeypatch.setattr(recount, "CHUNK", 2)
    formula(boss, "company", "deals", "count(deal)")
    dispatcher.drain()
    counted: list[Any] = []
    real = recount.count

    def dies(type_key: str, ids: Any, keys: Any) -> None:
        if len(counted) == 2:
            raise RuntimeError("the machine stops here")
        counted.append(list(ids))
        real(type_key, ids, keys)

    monkeypatch.setattr(recount, "count", dies)
    jobs.run_due()
    row = Recount.objects.get()
    assert (row.state, row.done, row.total) == ("running", 4, 5)
    assert recount.progress("company", "own_deals") == row
    monkeypatch.setattr(recount, "count", lambda type_key, ids, keys: (counted.append(list(ids)),
                                                                       real(type_key, ids, keys)))  # fmt: skip
    stopped_clock.tick(hours=2)
    settle()
    assert [len(one) for one in counted] == [2, 2, 1]
    assert [custom(boss, ref)["deals"] for ref in refs] == [1] * 5
    assert recount.progress("company", "own_deals") is None


def test_lost_deals_leave_the_sum_by_a_condition_of_days(boss: Any, stopped_clock: Any) -> None:
    formula(boss, "company", "soon", 'count(deal, deal.expected_on >= today() and deal.state = "open")')
    one = company(boss, "One")
    deal(boss, company=str(one.id), expected_on="2026-03-12")
    ref = deal(boss, company=str(one.id), expected_on="2026-03-20")
    held = reader(boss, one)
    settle()
    assert held("soon") == 2
    lose(boss, ref, reason="price")
    settle()
    assert held("soon") == 1
    stopped_clock.tick(hours=72)
    jobs.fire_due()
    settle()
    assert held("soon") == 0


def test_a_field_that_a_roll_up_reads_stays(boss: Any) -> None:
    field(boss, "deal", "pieces", "integer", unit="pieces")
    formula(boss, "company", "pieces", "sum(deal.own_pieces)")
    with pytest.raises(Invalid, match="pieces"):
        run(again(boss), DeleteSetting("field", CustomField.objects.get(type_key="deal").pk))


@pytest.mark.django_db(transaction=True)
def test_two_hands_at_once_lose_nothing() -> None:
    """Somebody saves the card while its figures are counted: both stand, and the figure is the latest one."""
    from comity.identity.models import Organization
    from support.at_once import at_once

    Organization.objects.create(name="House", country="RU", language="ru", currency="RUB")
    boss = administrator()
    field(boss, "company", "note", "text")
    formula(boss, "company", "deals", "count(deal)")
    formula(boss, "company", "words", 'concat(own_note, " ", own_deals)')
    one = company(boss, "One")
    deal(boss, company=str(one.id))
    raised = at_once(
        lambda: change(boss, one, own_note="mine"),
        lambda: recount.count("company", [one.id], ["own_deals"]),
    )
    assert raised is None
    assert custom(boss, one) == {
        "note": "mine", "note_fold": "mine", "deals": 1, "words": "mine 1", "words_fold": "mine 1",
    }  # fmt: skip
    second = deal(boss, company=str(one.id))
    raised = at_once(
        lambda: recount.count("company", [one.id], ["own_deals"]),
        lambda: change(boss, one, own_note="yours"),
    )
    assert raised is None
    assert custom(boss, one)["words"] == "yours 2"
    run(again(boss), Trash("deal", second.id))
    settle()
    assert custom(boss, one)["words"] == "yours 1"


def test_a_kind_of_cards_that_a_formula_counts_stays(boss: Any) -> None:
    made = kind(boss, "Flat", "Flats")
    field(boss, "own_flat", "owner", "relation", target="person", backward={"en": "Flats"})
    formula(boss, "person", "flats", "count(own_flat)")
    with pytest.raises(Invalid) as wrong:
        run(again(boss), DeleteSetting("type", made.id))
    assert "flats" in str(wrong.value.what)


def test_a_merge_moves_what_is_counted(boss: Any) -> None:
    formula(boss, "company", "deals", "count(deal)")
    kept, lost = company(boss, "Kept"), company(boss, "Lost")
    deal(boss, company=str(kept.id))
    deal(boss, company=str(lost.id))
    settle()
    result = run(again(boss), MergeRecords("company", kept.id, lost.id))
    settle()
    assert custom(boss, kept)["deals"] == 2
    run(again(boss), Undo(result.event))
    settle()
    assert (custom(boss, kept)["deals"], custom(boss, lost)["deals"]) == (1, 1)
