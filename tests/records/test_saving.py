"""Rows written with SQL that is made once: they come out as the ORM would have written them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.models import Answered
from comity.kernel.clock import now
from comity.kernel.ids import new_id
from comity.parties.models import Person
from comity.records import saving
from comity.sales.deals.model import StageVisit
from support.house import person

pytestmark = pytest.mark.django_db


def _stay(stage: str, moment: object) -> StageVisit:
    return StageVisit(deal_id=new_id(), pipeline="sales", stage=stage, entered_at=moment, left_at=moment)


def test_rows_numbered_by_the_base_know_their_keys(stopped_clock: object) -> None:
    rows = [_stay("new", now()), _stay("quote", now())]
    saving.insert(rows)
    found = {row.pk: row for row in StageVisit.objects.all()}
    assert [found[row.pk].stage for row in rows] == ["new", "quote"]
    assert [(found[row.pk].deal_id, found[row.pk].entered_at) for row in rows] == [
        (row.deal_id, row.entered_at) for row in rows
    ]
    assert {row.seconds for row in found.values()} == {0}  # what the base works out itself
    rows[0].stage, rows[0].back = "meeting", True
    rows[0].save()  # the ORM takes it for a row that is there
    assert StageVisit.objects.count() == 2


def test_only_the_named_columns_are_written(boss: Actor) -> None:
    row = Answered(key="a", result={"records": [], "text": "Ёж"})
    saving.insert([row])
    row.key, row.result = "b", {}
    assert saving.change(row, ["key"])
    held = Answered.objects.get(pk=row.pk)
    assert (held.key, held.result, held.created_at) == ("b", {"records": [], "text": "Ёж"}, row.created_at)
    assert not saving.change(Answered(pk=new_id(), key="c"), ["key"])
    assert Answered.objects.count() == 1


def test_an_edit_leaves_the_columns_alone_that_stay_what_they_were(boss: Actor) -> None:
    ref = person(boss, "Ada", "Sample", position="Buyer")
    with CaptureQueriesContext(connection) as seen:
        run(boss, Update("person", ref.id, 0, {"position": "Chief buyer"}))
    written = [one["sql"] for one in seen.captured_queries if one["sql"].startswith('UPDATE "parties_person"')]
    assert len(written) == 1 and "position" in written[0]
    assert not [name for name in ("sort_key", "owner_id", "custom", "created_at") if f'"{name}"' in written[0]]
    held = Person.unguarded.get(pk=ref.id)
    assert (held.position, held.position_fold, held.version) == ("Chief buyer", "chief buyer", 2)
