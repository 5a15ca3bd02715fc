"""Two administrators at pipelines, lists and goals in the same moment."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from comity.access import snapshot
from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.changes.options import SaveOption
from comity.kernel.errors import Invalid
from comity.records.models import Option
from comity.sales.pipelines import shipped, state
from comity.sales.pipelines.commands import ChangeStage, SaveStep
from comity.sales.pipelines.goals import COMPANY, SetGoals
from comity.sales.pipelines.model import Goal, Pipeline, Stage
from comity.sales.pipelines.removal import RetireStage
from support.at_once import at_once
from support.house import administrator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def does() -> Callable[[Any], Callable[[], Any]]:
    """What an administrator does, to be called when the moment comes."""
    user = administrator().user_id
    assert user

    def of(command: Any) -> Callable[[], Any]:
        return lambda: run(user_actor(user), command)

    return of


def test_two_adopt_the_shipped_pipeline_once(does: Any) -> None:
    one, other = ChangeStage("new", {"probability": 11}), ChangeStage("meeting", {"probability": 44})
    assert at_once(does(one), does(other)) is None
    assert (Pipeline.objects.count(), Stage.objects.count()) == (1, len(shipped.STAGES))
    stages = state.of(snapshot.snapshot()).stages
    assert (stages["new"].probability, stages["meeting"].probability) == (11, 44)


def test_two_steps_added_at_once_are_both_there(does: Any) -> None:
    steps = [{"kind": "call", "text": {"en": name}} for name in ("One", "Two")]
    assert at_once(*(does(SaveStep("new", "", step)) for step in steps)) is None
    texts = {step["text"]["en"] for step in Stage.objects.get(key="new").steps}
    assert texts >= {"One", "Two"}


def test_the_last_two_stages_are_not_both_retired(does: Any) -> None:
    for key in ("quote", "agreement", "meeting"):
        does(RetireStage(key))()
    assert isinstance(at_once(does(RetireStage("new")), does(RetireStage("qualified"))), Invalid)
    assert len(state.of(snapshot.snapshot()).by_key["sales"].open) == 1


def test_two_change_one_shipped_value(does: Any) -> None:
    colours = [SaveOption("source", "fair", {"hue": hue}) for hue in (3, 4)]
    assert at_once(*map(does, colours)) is None
    assert Option.objects.filter(list_key="source", key="fair").count() == 1


def test_two_set_one_goal(does: Any) -> None:
    march = date(2026, 3, 1)
    assert at_once(*(does(SetGoals(march, {COMPANY: amount})) for amount in (10_000, 20_000))) is None
    assert Goal.objects.get().amount in (10_000, 20_000)
