"""What is left of a card besides its own row goes for good, and the story stays whole."""

from typing import Any

import pytest

from comity.changes import traces
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.undo import Undo
from comity.kernel.errors import Refused
from comity.kernel.transaction import write_transaction
from comity.records.erased import ERASED
from comity.records.models import ContactPoint
from comity.search.models import DuplicateKey, SearchDoc
from comity.timeline import sequencer
from comity.timeline.models import Event
from comity.timeline.shredding import shredded
from support.house import again, person
from support.merging import made, settle

pytestmark = pytest.mark.django_db


def scrub(ref: Any, **more: Any) -> traces.Counts:
    with write_transaction():
        return traces.scrub(ref.type, ref.id, **more)


def test_what_was_told_stays_told_without_the_words(boss: Any) -> None:
    ref = person(boss, "Mara", "Quillfeather", phones=["+359888123456"], position="Buyer")
    changed = run(again(boss), Update("person", ref.id, 0, {"given_name": "Maria"}))
    deal = made(boss, "deal", {"name": "Roof for Mara Quillfeather, 0888 123 456", "person": str(ref.id)})
    settle()
    assert SearchDoc.objects.filter(record_id=ref.id).exists() and DuplicateKey.objects.filter(record_id=ref.id)
    counts = scrub(ref)
    assert counts.events and counts.near == [deal] and counts["points"] == 1 and counts["search"] == 1
    assert not ContactPoint.objects.filter(record_id=ref.id).exists()
    assert not SearchDoc.objects.filter(record_id=ref.id).exists()
    assert not DuplicateKey.objects.filter(record_id=ref.id).exists()
    assert SearchDoc.objects.get(record_id=deal.id).title.split()[:2] == ["roof", "for"]
    said = " ".join(str(event.payload) for event in Event.objects.all())
    for word in ("Quillfeather", "888123456", "123 456", "Mara", "Buyer"):
        assert word not in said
    assert f"Roof for {ERASED}, {ERASED}" in said
    event = Event.objects.get(pk=changed.event)
    assert shredded(event) and not bytes(event.salt) and event.payload["changes"] == {}
    assert sequencer.broken_links() == []
    with pytest.raises(Refused):
        run(again(boss), Undo(changed.event))


def test_a_field_that_is_kept_is_kept_in_the_story_too(boss: Any) -> None:
    ref = person(boss, "Mara", "Quillfeather", phones=["+359888123456"], position="Buyer")
    others = {spec.key for spec in traces.of(ref.type, ref.id).record_type.specs} - {"phones"}
    scrub(ref, keep_fields=others)
    event = Event.objects.get(type="record.created", primary_id=ref.id)
    assert event.payload["title"] == "Quillfeather Mara"
    assert "phones" not in event.payload["changes"] and "position" in event.payload["changes"]


def test_what_is_not_about_him_stays(boss: Any) -> None:
    ref = person(boss, "Mara", "Quillfeather", phones=["+359888123456"])
    other = person(boss, "Mara", "Quill", phones=["+359888123457"])
    scrub(ref)
    payload = Event.objects.get(type="record.created", primary_id=other.id).payload
    assert payload["title"] == "Quill Mara" and "+359888123457" in str(payload["changes"]["phones"])
