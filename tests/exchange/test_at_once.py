"""Two people at the same cards in the same moment."""

from typing import Any

import pytest

from comity.access.actors import user_actor
from comity.changes.bus import run
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.kernel.errors import Conflict, NotFound, Problem, Refused
from comity.parties.models import Company
from comity.records.models import Merged
from comity.timeline.models import Event
from support.at_once import at_once
from support.house import administrator, company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> Any:
    """The id of an administrator."""
    return administrator().user_id


def merge(user: Any, kept: Any, lost: Any) -> Any:
    return lambda: run(user_actor(user), MergeRecords("company", kept.id, lost.id))


def live() -> int:
    return Company.unguarded.filter(deleted_at=None).count()


def test_two_merge_the_same_pair(user: Any) -> None:
    one, other = (company(user_actor(user), name) for name in ("One", "Other"))
    assert isinstance(at_once(merge(user, one, other), merge(user, one, other)), Conflict)
    assert (live(), Merged.objects.count(), Event.objects.filter(type="record.merged").count()) == (1, 1, 1)


def test_two_merge_the_same_pair_each_the_other_way(user: Any) -> None:
    one, other = (company(user_actor(user), name) for name in ("One", "Other"))
    assert isinstance(at_once(merge(user, one, other), merge(user, other, one)), Conflict)
    assert (live(), Merged.objects.get().record_id) == (1, other.id)


def test_one_is_merged_away_while_another_is_merged_into_it(user: Any) -> None:
    """A → B while B → C: whoever comes second is told; never is a card lost in a card that is gone."""
    first, middle, last = (company(user_actor(user), name) for name in ("A", "B", "C"))
    clash = at_once(merge(user, last, middle), merge(user, middle, first))
    assert isinstance(clash, Conflict)
    assert live() == 2
    run(user_actor(user), MergeRecords("company", last.id, first.id))
    assert set(Merged.objects.values_list("record_id", "into_id")) == {(middle.id, last.id), (first.id, last.id)}


def test_one_is_merged_into_while_it_is_merged_on(user: Any) -> None:
    first, middle, last = (company(user_actor(user), name) for name in ("A", "B", "C"))
    assert at_once(merge(user, middle, first), merge(user, last, middle)) is None
    assert live() == 1
    assert set(Merged.objects.values_list("record_id", "into_id")) == {(middle.id, last.id), (first.id, last.id)}


def test_a_merge_taken_back_twice_is_taken_back_once(user: Any) -> None:
    one, other = (company(user_actor(user), name) for name in ("One", "Other"))
    event = merge(user, one, other)().event

    def undo() -> None:
        run(user_actor(user), Undo(event))

    assert isinstance(at_once(undo, undo), Refused)
    assert (live(), Event.objects.filter(type="record.unmerged").count()) == (2, 1)


def test_merged_on_while_the_first_merge_is_taken_back(user: Any) -> None:
    first, middle, last = (company(user_actor(user), name) for name in ("A", "B", "C"))
    event = merge(user, middle, first)().event
    clash = at_once(merge(user, last, middle), lambda: run(user_actor(user), Undo(event)))
    assert isinstance(clash, (NotFound, Refused, Conflict)) and isinstance(clash, Problem)
    assert live() == 1
