"""Two cards of an own kind become one: their linked cards and files come together, and part again."""

import pytest

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.records.models import Relation
from support import fields
from support.fields import card
from support.house import again

pytestmark = pytest.mark.django_db


def test_links_come_together_and_part_again(boss: Actor) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "owner", "relation", target="company")
    fields.field(boss, "own_property", "parties", "relation", several=True)
    anna, bert = card(boss, "company", "Annas House"), card(boss, "company", "Bertram")
    kept = card(boss, "own_property", "Mill Lane", own_owner=str(anna), own_parties=[str(anna)])
    lost = card(boss, "own_property", "Mill Lane 4", own_owner=str(bert), own_parties=[str(bert), str(kept)])
    near = card(boss, "own_property", "High Street", own_parties=[str(lost)])

    def held() -> set[tuple[object, ...]]:
        return set(Relation.objects.values_list("kind", "from_id", "to_id"))

    before = held()
    result = run(again(boss), MergeRecords("own_property", kept.id, lost.id, 1, 1, {}))
    mine = {(kind, to) for kind, of, to in held() if of == kept.id}
    assert mine == {("own_owner", anna.id), ("own_parties", anna.id), ("own_parties", bert.id)}
    assert ("own_parties", near.id, kept.id) in held()
    run(again(boss), Undo(result.event))
    assert held() == before
