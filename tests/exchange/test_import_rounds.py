"""Files of seven programs in, in again, and out: what stands in every table of the base before and after."""

from io import BytesIO
from typing import Any

import pytest

from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.files import AddFiles, NewFile
from comity.kernel import jobs, storage
from comity.records.models import RecordRef
from comity.timeline.models import Event
from support.house import again, company, person
from support.imports import fresh, loaded, table, taken_back
from support.program_files import FILES
from support.tables import differing, live, whole

pytestmark = pytest.mark.django_db
OWN = {"import.started", "import.done", "import.undone"}


def settled() -> None:
    """What follows from events has been done."""
    dispatcher.drain()
    jobs.run_due()
    dispatcher.drain()


def with_file(actor: Any, ref: RecordRef) -> None:
    stored = storage.save(BytesIO(f"of {ref.id}".encode()), 1000)
    run(again(actor), AddFiles(ref.type, ref.id, [NewFile("contract.txt", stored.sha256, stored.size, "text/plain")]))


def known(actor: Any, titles: dict[str, str], cells: list[str]) -> None:
    """Some of the file's clients are here already, with files, notes and links; others have nothing to do with it."""
    firm = company(actor, titles.get("company", "Прежняя"), about="Наши")
    with_file(actor, firm)
    email = next((one for one in cells if one.endswith("@example.com")), "known@example.com")
    family, given, *_rest = titles.get("person", "Белова Анна").split()
    met = person(actor, given, family, emails=[email], about="Давно знаем")
    with_file(actor, met)
    run(again(actor), Create("person", {"given_name": "Олег", "family_name": "Прежний", "company": str(firm.id)}))
    run(again(actor), Create("deal", {"name": "Прежняя сделка", "company": str(firm.id), "person": str(met.id)}))
    settled()


@pytest.mark.parametrize("first", [0, 1], ids=["first encoding", "second encoding"])
@pytest.mark.parametrize("name", FILES)
def test_in_and_in_again_and_out(boss: Any, name: str, first: int) -> None:
    one = FILES[name]
    files = [table(one.rows, one.delimiter, encoding) for encoding in one.encodings]
    known(boss, one.made, one.rows[1])
    before, told = whole(), set(Event.objects.values_list("id", flat=True))
    load = loaded(boss, files[first])
    settled()
    assert load.mapping["program"] == one.program and load.counts["refused"] == 0
    assert differing(before, whole())
    loaded_state = whole()
    assert loaded_state["records.storedfile"] == before["records.storedfile"]
    known_events = set(Event.objects.values_list("id", flat=True))
    loaded(boss, files[1 - first])
    settled()
    assert differing(loaded_state, whole()) == {}  # versions and moments of changes included
    assert set(Event.objects.exclude(id__in=known_events).values_list("type", flat=True)) <= OWN
    assert taken_back(boss, load).left == []
    settled()
    assert differing(live(before), live(whole())) == {}
    ours = Event.objects.exclude(id__in=told).filter(actor_kind="user")
    strangers = ours.exclude(type__in=OWN).exclude(batch_id__in=[load.batch, fresh(load).undo_batch])
    assert not strangers.exists()
    assert told <= set(Event.objects.values_list("id", flat=True))
