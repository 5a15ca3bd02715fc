"""Lines of a deal: their exact sum is its amount, and it is written by nobody else."""

from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.undo import Undo
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records.models import RecordRef
from comity.sales.deals.commands import SetLines
from comity.sales.models import DealLine
from comity.timeline.models import Event
from comity.timeline.story import tell
from support.deals import deal, held
from support.house import again, colleague

pytestmark = pytest.mark.django_db

TEN = [{"name": "Screws", "quantity": "1", "price": "0.10"}] * 10


def lines(actor: Actor, ref: RecordRef, *some: dict[str, Any], version: int = 0, currency: str = "") -> Any:
    return run(again(actor), SetLines(ref.id, version, some, currency))


def kept(ref: RecordRef) -> list[Any]:
    rows = DealLine.objects.filter(deal_id=ref.id).order_by("position")
    return list(rows.values_list("name", "quantity", "price"))


def test_ten_times_ten_cents_are_one(boss: Actor) -> None:
    ref = deal(boss)
    lines(boss, ref, *TEN)
    assert (held(ref).amount, held(ref).amount_currency) == (10_000, "RUB")


@pytest.mark.parametrize(
    ("quantity", "price", "units"),
    [
        ("2,5", "199,99", 4_999_750),
        ("0,3333", "0,0001", 0),  # 0.00003333: less than half of a 1/10,000
        ("0,5", "0,0001", 1),  # half of one goes up
        ("", "", 0), ("3", "-10", -300_000), (2, 15, 300_000),
    ],
)  # fmt: skip
def test_a_line_comes_to_quantity_times_price(boss: Actor, quantity: Any, price: Any, units: int) -> None:
    ref = deal(boss)  # the boss writes Russian figures
    lines(boss, ref, {"name": "Pump", "quantity": quantity, "price": price})
    assert held(ref).amount == units


def test_the_sum_is_in_the_deal_s_currency_unless_another_is_given(boss: Actor) -> None:
    ref = deal(boss, amount={"amount": "1", "currency": "EUR"})
    lines(boss, ref, {"name": "Pump", "price": "5"})
    assert (held(ref).amount, held(ref).amount_currency) == (50_000, "EUR")
    lines(boss, ref, {"name": "Pump", "price": "5"}, currency="usd")
    assert held(ref).amount_currency == "USD"
    with pytest.raises(Invalid):
        lines(boss, ref, {"name": "Pump", "price": "5"}, currency="1$")


def test_the_amount_is_written_by_hand_only_without_lines(boss: Actor) -> None:
    ref = deal(boss)
    lines(boss, ref, {"name": "Pump", "price": "5"})
    with pytest.raises(Invalid) as wrong:
        run(boss, commands.update("deal", ref.id, 0, {"amount": "7"}))
    assert list(wrong.value.fields) == ["amount"]
    run(boss, commands.update("deal", ref.id, 0, {"amount": {"amount": "5", "currency": "RUB"}, "about": "x"}))
    lines(boss, ref)
    assert held(ref).amount == 50_000 and kept(ref) == []
    run(boss, commands.update("deal", ref.id, 0, {"amount": "7"}))
    assert held(ref).amount == 70_000


def test_bad_lines_are_named_by_their_place(boss: Actor) -> None:
    ref = deal(boss)
    with pytest.raises(Invalid) as wrong:
        lines(
            boss, ref, {"name": "", "price": "1"}, {"name": "", "quantity": "", "price": " "},
            {"name": "x" * 301, "quantity": "two", "price": "1,00001"}, {"name": "y", "quantity": "0", "price": "1"},
        )  # fmt: skip
    assert set(wrong.value.fields) == {"0-name", "2-name", "2-quantity", "2-price", "3-quantity"}
    huge = {"name": "y", "quantity": "900000000", "price": "900000000"}
    for some in ([huge], [{"name": "y"}] * 201):
        with pytest.raises(Invalid) as wrong:
            lines(boss, ref, *some)
        assert list(wrong.value.fields) == ["lines"]
    assert held(ref).version == 1 and not DealLine.objects.exists()


def test_lines_of_the_same_sum_are_a_new_version_too(boss: Actor) -> None:
    ref = deal(boss)
    lines(boss, ref, {"name": "Pump", "price": "5"}, version=1)
    lines(boss, ref, {"name": "Valve", "price": "5"}, version=2)
    assert held(ref).version == 3
    with pytest.raises(Conflict):
        lines(boss, ref, {"name": "Pump", "price": "9"}, version=2)
    assert lines(boss, ref, {"name": "Valve", "price": "5"}).event is None
    assert held(ref).version == 3 and kept(ref) == [("Valve", 10_000, 50_000)]


def test_undo_brings_back_lines_and_amount(boss: Actor) -> None:
    ref = deal(boss, amount="3")
    first = lines(boss, ref, {"name": "Pump", "price": "5"})
    second = lines(boss, ref, {"name": "Pump", "price": "5"}, {"name": "Valve", "price": "1"})
    with pytest.raises(Conflict):
        run(boss, Undo(first.event))
    undone = run(boss, Undo(second.event))
    assert kept(ref) == [("Pump", 10_000, 50_000)] and held(ref).amount == 50_000
    run(boss, Undo(undone.event))
    assert len(kept(ref)) == 2 and held(ref).amount == 60_000
    run(boss, Undo(Event.objects.order_by("-id")[0].pk))
    run(boss, Undo(first.event))
    assert kept(ref) == [] and held(ref).amount == 30_000


def test_undo_leaves_an_amount_written_by_hand_since(boss: Actor) -> None:
    ref = deal(boss)
    lines(boss, ref, {"name": "Pump", "price": "5"})
    emptied = lines(boss, ref)
    run(boss, commands.update("deal", ref.id, 0, {"amount": "7"}))
    with pytest.raises(Conflict):
        run(boss, Undo(emptied.event))
    assert held(ref).amount == 70_000 and kept(ref) == []


def test_lines_are_money_to_who_may_read_and_write_the_amount(boss: Actor) -> None:
    ref = deal(boss)
    event = Event.objects.get(pk=lines(boss, ref, {"name": "Pump", "price": "5"}).event)
    reader = colleague("Reader", "all", {"deal": {"amount": "read"}})
    blind = colleague("Blind", "all", {"deal": {"amount": "hide"}})
    for actor in (reader, blind):
        with pytest.raises(Refused):
            lines(actor, ref, {"name": "Pump", "price": "1"})
    with pytest.raises(NotFound):
        lines(colleague("Mira"), ref)
    assert tell(again(blind), [event]) == []
    told = tell(again(reader), [event])[0].payload
    assert told["changes"]["amount"] == [None, [50_000, "RUB"]] and not {"before", "after", "amounts"} & told.keys()
