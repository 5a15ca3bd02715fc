"""Two cards of one client, and everything that may hang on them."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.changes.commands import Link, ShareRecord
from comity.changes.files import AddFiles, NewFile
from comity.changes.settings import SaveSetting
from comity.exchange.merging.rows import held
from comity.kernel import jobs, storage
from comity.kernel.clock import now
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint, Merged, RecordRef, Relation, StoredFile, TagLink
from comity.sales.models import Deal
from comity.timeline.models import EventSubject
from comity.work.models import Note, Task
from comity.work.notes.commands import WriteNote
from support.house import again, colleague, company, person


@dataclass
class World:
    """Two companies that are one, with what belongs to each."""

    boss: Actor
    kept: RecordRef
    lost: RecordRef
    deal: RecordRef
    task: RecordRef
    worker: RecordRef

    def state(self) -> dict[str, Any]:
        """All that a merge touches, as it is in the base."""
        refs = (self.kept, self.lost)
        ids = [ref.id for ref in refs]
        records = {
            f"{one.__name__}": {
                key: {name: value for name, value in row.items() if name not in MOVING}
                for key, row in held(one.unguarded.all()).items()
            }
            for one in (Company, Person, Deal, Task)
        }  # fmt: skip
        hanging = {one.__name__: held(one._base_manager.filter(record_id__in=ids)) for one in (StoredFile, Note, Share)}
        points = sorted(ContactPoint.objects.filter(record_id__in=ids).values_list("record_id", "field", "value"))
        tags = sorted(TagLink.objects.filter(record_id__in=ids).values_list("record_id", "tag_id"))
        return {
            **records, **hanging, "points": points, "tags": tags, "relations": held(Relation.objects.all()),
            "merged": held(Merged.objects.all()),
        }  # fmt: skip

    def stories(self, before: int) -> dict[RecordRef, list[int]]:
        """The events told on each of the two, of those up to `before`."""
        rows = EventSubject.objects.filter(event_id__lte=before)
        return {
            ref: sorted(rows.filter(type_key=ref.type, record_id=ref.id).values_list("event_id", flat=True))
            for ref in (self.kept, self.lost)
        }


MOVING = frozenset({"version", "updated_at", "updated_by"})


def made(actor: Actor, type_key: str, values: dict[str, Any]) -> RecordRef:
    """A card made by the type's own command."""
    return run(again(actor), commands.create(type_key, values)).record


def settle() -> None:
    """Let the consumers and jobs do what the events ask for."""
    while dispatcher.drain() + jobs.run_due():
        pass


def two_of_one(boss: Actor) -> World:
    """The two with relations, deals, tasks, notes, files, tags, shares and a subsidiary in common."""
    run(boss, SaveSetting("tag", {"name": "Big"}))
    run(boss, SaveSetting("tag", {"name": "Old"}))
    boss = again(boss)
    big, old = list(boss.state.tags)
    ann = colleague("Ann")
    boss = again(boss)
    kept = company(boss, "Ромашка", phones=["+79161234567"], tags=[str(big)], about="One")
    lost = company(
        boss, "Romashka", phones=["+79161234567", "+79167654321"], emails=["info@romashka.ru"], tags=[str(old)],
        website="https://romashka.ru", about="Two", owner=ann.user_id,
    )  # fmt: skip
    worker = person(boss, "Anna", "Beck", company=lost.id)
    both = person(boss, "Carl", "Dorn", company=kept.id)
    run(boss, Link("works_at", both, lost, ("buyer",)))
    run(boss, Link("works_at", both, kept, ("director",)))
    parent = company(boss, "Holding")
    run(boss, Link("belongs_to", lost, parent))
    run(boss, Link("belongs_to", kept, parent))
    run(boss, Link("related", kept, lost))
    deal = made(boss, "deal", {"name": "Pumps", "company": str(lost.id), "person": str(worker.id)})
    late = (now() + timedelta(days=2)).isoformat()
    task = made(boss, "task", {"name": "Call", "about": str(lost), "due_at": late})
    run(boss, WriteNote("company", lost.id, "They like tea"))
    stored = storage.save(BytesIO(b"text"), 1000)
    run(boss, AddFiles("company", lost.id, [NewFile("a.txt", stored.sha256, stored.size, "text/plain")]))
    run(boss, ShareRecord("company", kept.id, user_id=ann.user_id, level="view"))
    run(boss, ShareRecord("company", lost.id, user_id=ann.user_id, level="edit"))
    return World(again(boss), kept, lost, deal, task, worker)
