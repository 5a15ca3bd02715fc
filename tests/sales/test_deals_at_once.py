"""Two people at one deal in the same moment."""

from typing import Any

import pytest

from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.kernel.errors import Conflict, Invalid
from comity.sales.deals.commands import MoveDeal, SetLines, WinDeal
from comity.sales.models import DealLine, StageVisit
from comity.timeline.models import Event
from comity.work.models import Task
from support.at_once import at_once
from support.deals import deal, held, move
from support.house import administrator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> Any:
    """The id of an administrator."""
    return administrator().user_id


def test_of_two_who_race_through_a_gate_one_passes(user: Any) -> None:
    ref = deal(user_actor(user))
    move(user_actor(user), ref, "meeting")
    version = held(ref).version

    def pass_gate(stage: str, amount: str) -> Any:
        return lambda: run(user_actor(user), MoveDeal(ref.id, version, stage, {"amount": amount}))

    clash = at_once(pass_gate("quote", "100"), pass_gate("agreement", "200"))
    assert isinstance(clash, Conflict)
    assert clash.current["stage"] == "quote"  # type: ignore[index]
    card = held(ref)
    assert (card.stage, card.amount) == ("quote", 1_000_000)
    assert StageVisit.objects.filter(deal_id=ref.id, left_at=None).count() == 1
    assert not Task.unguarded.filter(about_id=ref.id, step__startswith="sales.agreement.").exists()


def test_a_deal_won_twice_is_won_once(user: Any) -> None:
    ref = deal(user_actor(user))

    def win() -> None:
        run(user_actor(user), WinDeal(ref.id, 0, "price"))

    assert isinstance(at_once(win, win), Invalid)
    assert Event.objects.filter(type="deal.stage_changed").count() == 1


def test_lines_set_twice_are_those_of_the_first(user: Any) -> None:
    ref = deal(user_actor(user))

    def lines(name: str) -> Any:
        return lambda: run(user_actor(user), SetLines(ref.id, 1, [{"name": name, "price": "5"}]))

    assert isinstance(at_once(lines("Pump"), lines("Valve")), Conflict)
    assert DealLine.objects.get().name == "Pump"
