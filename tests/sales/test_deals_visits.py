"""The index of stays in stages: written with the events, and the same when made anew from them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.undo import Undo
from comity.kernel import jobs
from comity.sales.deals import visits
from comity.sales.models import StageVisit
from support.deals import deal, lose, move, pipeline, reopen, set_stage, stays, win
from support.house import again

pytestmark = pytest.mark.django_db


def lives(boss: Actor, clock: Any) -> list[Any]:
    """Deals that went every way there is, a day between any two steps."""
    pipeline("service", "asked", "planned")
    set_stage("new", gate={})
    set_stage("meeting", gate={})

    def day(command: Any) -> Any:
        clock.tick(days=1)
        return command()

    def undo(result: Any) -> Any:
        return day(lambda: run(again(boss), Undo(result.event)))

    along, back, closed, other = (deal(boss, name) for name in ("along", "back", "closed", "other"))
    for stage in ("qualified", "meeting"):
        day(lambda stage=stage: move(boss, along, stage))
    day(lambda: win(boss, along))
    moved = day(lambda: move(boss, back, "quote"))
    undone = undo(moved)
    redone = undo(undone)
    undo(redone)
    day(lambda: move(boss, back, "meeting"))
    wrong = day(lambda: move(boss, back, "qualified"))
    undo(undo(wrong))
    lost = day(lambda: lose(boss, closed))
    undo(lost)
    day(lambda: lose(boss, closed))
    day(lambda: reopen(boss, closed, "agreement"))
    changed = day(lambda: run(again(boss), commands.update("deal", other.id, 0, {"pipeline": "service"})))
    undo(undo(changed))
    day(lambda: move(boss, other, "planned"))
    return [along, back, closed, other]


def test_stays_follow_each_other_without_a_gap(boss: Actor, stopped_clock: Any) -> None:
    start = stopped_clock.now
    for ref in lives(boss, stopped_clock):
        rows = stays(ref)
        assert rows[0][2] == start and rows[-1][3] is None
        assert all(one[3] == following[2] for one, following in pairwise(rows))


def test_an_undone_move_leaves_no_stay_behind(boss: Actor, stopped_clock: Any) -> None:
    start = stopped_clock.now
    ref = deal(boss)
    stopped_clock.tick(days=1)
    moved = move(boss, ref, "meeting")
    run(boss, Undo(moved.event))
    assert stays(ref) == [("sales", "new", start, None, False)]
    stopped_clock.tick(days=1)
    move(boss, ref, "qualified")
    stopped_clock.tick(days=1)
    move(boss, ref, "new")
    day = timedelta(days=1)
    assert stays(ref) == [
        ("sales", "new", start, start + 2 * day, False),
        ("sales", "qualified", start + 2 * day, start + 3 * day, False),
        ("sales", "new", start + 3 * day, None, True),
    ]


def test_made_anew_from_the_events_it_is_the_same(boss: Actor, stopped_clock: Any) -> None:
    deals = lives(boss, stopped_clock)
    before = [stays(ref) for ref in deals]
    keys = set(StageVisit.objects.values_list("pk", flat=True))
    assert sum(map(len, before)) == visits.rebuild()
    assert set(StageVisit.objects.values_list("pk", flat=True)) == keys  # what was true stays as it was
    StageVisit.objects.filter(deal_id=deals[0].id).delete()
    StageVisit.objects.filter(deal_id=deals[1].id).update(stage="agreement")
    StageVisit.objects.filter(deal_id=deals[2].id, left_at=None).delete()
    jobs.enqueue("sales.rebuild_visits", key="anew")
    assert jobs.run_due() >= 1
    assert [stays(ref) for ref in deals] == before
