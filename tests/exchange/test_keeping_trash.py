"""The trash is cleared: by its term, one card, all of a kind; nothing of a card is left, what others need stays."""

import os
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import dispatcher, undo
from comity.changes.bus import run
from comity.changes.commands import Restore, Trash, Update
from comity.changes.files import AddFiles, NewFile
from comity.changes.settings import SaveSetting
from comity.exchange.keeping import purging
from comity.exchange.keeping.model import TrashTerm
from comity.exchange.keeping.purging import DeleteForGood
from comity.exchange.keeping.running import JOB
from comity.identity.models import Organization
from comity.kernel import jobs, storage
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.parties.consents.commands import NoteConsent
from comity.parties.consents.model import Consent
from comity.parties.models import Company, Person
from comity.records.models import RecordRef, StoredFile
from comity.sales.models import Deal, StageVisit
from comity.timeline import sequencer
from comity.timeline.models import Event
from comity.work.models import Note, Task
from comity.work.notes.commands import WriteNote
from support import fields
from support.browser import browser
from support.house import again, colleague, company, person
from support.merging import made

pytestmark = pytest.mark.django_db


def settle() -> None:
    """Let jobs and what follows the events do theirs."""
    while jobs.run_due() + dispatcher.drain():
        pass


def night() -> None:
    """The job of one night."""
    jobs.enqueue(JOB)
    settle()


def keeps(boss: Actor, days: int | None) -> None:
    """So many days in the trash."""
    row = TrashTerm.objects.first()
    run(again(boss), SaveSetting("trash_term", {"days": "" if days is None else str(days)}, row.pk if row else None))


def away(boss: Actor, *refs: RecordRef) -> None:
    """Into the trash."""
    for ref in refs:
        run(again(boss), Trash(ref.type, ref.id))


def everything(*without: str) -> str:
    """All rows of all tables as one text."""
    found = []
    for model in apps.get_models():
        if model.__module__.startswith("comity.") and model._meta.label_lower not in without:
            found += [f"{model._meta.label_lower}: {row}" for row in model._base_manager.values()]
    return "\n".join(found)


@pytest.fixture
def full(boss: Actor, stopped_clock: Any) -> RecordRef:
    """A company with all that may hang on it, put into the trash; its file is in the store."""
    fields.field(boss, "company", "code", "text", search=True)
    ref = company(boss, "Zyxwell", phones=["+79161234567"], emails=["info@zyxwell.ru"], own_code="QQ-77",
                  website="https://zyxwell.ru", about="They make zithers")  # fmt: skip
    twin = company(boss, "Zyxwell", phones=["+79161234567"])
    run(again(boss), WriteNote("company", ref.id, "Likes marzipan"))
    stored = storage.save(BytesIO(b"secret zither"), 1000)
    os.utime(storage.path(stored.sha256), (0, 0))  # kept long ago, as the clock stands
    run(again(boss), AddFiles("company", ref.id, [NewFile("zither.txt", stored.sha256, stored.size, "text/plain")]))
    due = (stopped_clock.now + timedelta(days=1)).isoformat()
    made(boss, "task", {"name": "Ring Zyxwell", "about": str(ref), "due_at": due})
    run(again(boss), Update("company", ref.id, 0, {"name": "Zyxwellian"}))
    settle()
    away(boss, ref, twin)
    run(again(boss), DeleteForGood("company", [twin.id]))
    settle()
    return ref


def test_nothing_of_a_card_is_left(boss: Actor, full: RecordRef) -> None:
    sha256 = StoredFile.objects.get().sha256
    client = browser(boss)
    asked = client.get(f"/trash/companies/{full.id}/delete").content.decode()
    assert "Zyxwellian" in asked
    client.post(f"/trash/companies/{full.id}/delete", {"idempotency": "k"})
    settle()
    text = everything("kernel.stamp", "identity.session").casefold()
    for word in ("zyxwell", "9161234567", "qq-77", "zither", "marzipan"):
        assert word not in text, word
    for model in (Company, Task, Note, StoredFile):
        rows = getattr(model, "unguarded", None) or model.objects
        assert not rows.exists(), model
    with pytest.raises(NotFound):
        storage.open(sha256)
    bare = everything("timeline.event", "timeline.eventsubject", "changes.answered", "kernel.job", "changes.batch")
    assert str(full.id) not in bare
    told = Event.objects.filter(type="keeping.purged")
    assert [one.payload for one in told] == [{"type": "company", "count": 1, "term": False}] * 2
    assert not sequencer.broken_links()
    assert "Zyxw" not in client.get("/settings/keeping").content.decode()
    assert client.get(f"/companies/{full.id}").status_code == 404
    assert client.get(f"/trash/companies/{full.id}/delete").status_code == 404


def test_undo_of_what_was_says_that_the_card_is_gone(boss: Actor, full: RecordRef) -> None:
    event = Event.objects.filter(type="record.updated", primary_id=full.id).latest("id")
    run(again(boss), DeleteForGood("company", [full.id]))
    ann = colleague("Ann", "all")
    with pytest.raises(Refused) as problem:
        run(again(boss), undo.Undo(event.pk))
    assert "deleted for good" in str(problem.value.what)
    assert browser(boss).post(f"/undo/{event.pk}").status_code == 403
    with pytest.raises(NotFound):  # who had no part in it is told nothing
        run(ann, undo.Undo(event.pk))


def test_what_others_need_stays_and_the_page_says_why(boss: Actor, stopped_clock: Any) -> None:
    firm, human = company(boss, "Firm"), person(boss, "Anna", "Beck")
    deal = made(boss, "deal", {"name": "Bricks", "company": str(firm.id), "person": str(human.id)})
    lone = company(boss, "Lone")
    away(boss, firm, human, lone)
    with pytest.raises(Invalid) as problem:
        run(again(boss), DeleteForGood("company", [firm.id]))
    assert again(boss).state.record_types["deal"].plural["ru"] in str(problem.value.what)
    answer = browser(boss).post(f"/trash/companies/{firm.id}/delete", {"idempotency": "k"})
    assert answer.status_code == 422 and "Сделки" in answer.content.decode()
    keeps(boss, 30)
    stopped_clock.tick(days=31)
    night()
    assert set(Company.unguarded.values_list("title", flat=True)) == {"Firm"} and Person.unguarded.exists()
    page = browser(boss).get("/settings/keeping").content.decode()
    assert "/trash?type=company" in page and "/trash?type=person" in page
    empty = browser(boss).get("/trash/companies/empty").content.decode()
    assert "Сделки" in empty
    away(boss, deal)
    night()
    assert not Company.unguarded.exists() and not Person.unguarded.exists()
    held = Deal.unguarded.get()  # in the trash since today: it lies there for its own 30 days, its links are empty
    assert (held.company_id, held.person_id) == (None, None)
    run(again(boss), Restore("deal", held.pk))
    assert browser(boss).get(f"/deals/{held.pk}").status_code == 200
    away(boss, deal)
    stopped_clock.tick(days=31)
    night()
    assert not Deal.unguarded.exists() and not StageVisit.objects.exists()


def test_for_ever_unless_somebody_has_asked(boss: Actor, stopped_clock: Any) -> None:
    away(boss, company(boss, "Firm"))
    stopped_clock.tick(days=4000)
    night()
    assert Company.unguarded.count() == 1
    client = browser(boss)
    asked = client.get("/settings/keeping/do/term").content.decode()
    assert ": 1." in asked  # how many would go is told before
    assert client.post("/settings/keeping/do/term", {"days": "0"}).status_code == 422
    client.post("/settings/keeping/do/term", {"days": "4001"})
    client.post("/settings/keeping/do/term", {"days": "300"})
    assert "300" in client.get("/settings/keeping").content.decode()
    assert "300" in client.get("/trash").content.decode()
    client.post("/settings/keeping/do/term", {"days": ""})
    night()
    assert Company.unguarded.count() == 1
    keeps(boss, 30)
    night()
    assert not Company.unguarded.exists()
    told = browser(boss).get("/settings/audit").content.decode()
    assert "/settings/audit/do/undo" in told and "30" in told


@pytest.mark.parametrize(("zone", "gone"), [("Pacific/Kiritimati", True), ("Pacific/Niue", False)])
def test_the_term_counts_days_of_the_company(boss: Actor, stopped_clock: Any, zone: str, gone: bool) -> None:
    run(again(boss), SaveSetting("organization", {"timezone": zone}, Organization.objects.get().pk))
    keeps(boss, 2)
    away(boss, company(boss, "Firm"))
    stopped_clock.move(stopped_clock.now.replace(hour=10, minute=30) + timedelta(days=1))
    night()
    assert (not Company.unguarded.exists()) == gone
    stopped_clock.tick(minutes=30)
    night()
    assert not Company.unguarded.exists()


def test_emptied_by_hand_what_was_told_and_no_more(boss: Actor, stopped_clock: Any) -> None:
    away(boss, *(company(boss, f"Firm {n}") for n in range(3)), person(boss, "Anna", "Beck"))
    client = browser(boss)
    assert "/trash/companies/empty" in client.get("/trash?type=company").content.decode()
    asked = client.get("/trash/companies/empty").content.decode()
    before = asked.split('name="before" value="')[1].split('"')[0]
    stopped_clock.tick(minutes=1)
    late = company(boss, "Late")
    away(boss, late)
    client.post("/trash/companies/empty", {"before": before, "idempotency": "k"})
    assert list(Company.unguarded.values_list("pk", flat=True)) == [late.id] and Person.unguarded.exists()
    assert client.post("/trash/companies/empty", {"before": "soon"}).status_code == 404


def test_a_large_trash_is_emptied_in_the_background(boss: Actor, stopped_clock: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    away(boss, *(company(boss, f"Firm {n}") for n in range(5)))
    client = browser(boss)
    client.post("/trash/companies/empty", {"before": stopped_clock.now.isoformat(), "idempotency": "k"})
    assert Company.unguarded.count() == 5
    real, calls = purging.purging.purge, []

    def dies(*args: Any) -> None:
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(1)
        real(*args)

    monkeypatch.setattr(purging.purging, "purge", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due()
    assert Company.unguarded.count() in (2, 3)
    monkeypatch.setattr(purging.purging, "purge", real)
    stopped_clock.tick(hours=1)
    jobs.reap()
    settle()
    assert not Company.unguarded.exists()
    assert sum(one.payload["count"] for one in Event.objects.filter(type="keeping.purged")) == 5


def test_who_may(boss: Actor, stopped_clock: Any) -> None:
    firm = company(boss, "Firm")
    away(boss, firm)
    clerk = colleague("Clerk", "all")
    client = browser(clerk)
    assert "/empty" not in client.get("/trash?type=company").content.decode()
    for path in (f"/trash/companies/{firm.id}/delete", "/trash/companies/empty"):
        assert client.get(path).status_code == 404 and client.post(path).status_code == 404
    with pytest.raises(Refused):
        run(clerk, DeleteForGood("company", [firm.id]))
    keeper = colleague("Keeper", "own")
    Role.objects.filter(key="role-Keeper").update(permits=["settings"])
    changed()
    with pytest.raises(NotFound):  # not his: he does not even see it
        run(again(keeper), DeleteForGood("company", [firm.id]))
    with pytest.raises(Refused):
        keeps(keeper, 30)
    browser(keeper).post("/trash/companies/empty", {"before": stopped_clock.now.isoformat()})
    assert Company.unguarded.count() == 1
    run(again(boss), Restore("company", firm.id))
    with pytest.raises(NotFound):  # only out of the trash
        run(again(boss), DeleteForGood("company", [firm.id]))


def test_the_journal_of_consents_stays_as_proof(boss: Actor, stopped_clock: Any) -> None:
    human = person(boss, "Zyx", "Wellian")
    run(again(boss), NoteConsent(human.id, "mail", True, "2026-03-01", "web_form", note="Zyx said so"))
    away(boss, human)
    run(again(boss), DeleteForGood("person", [human.id]))
    held = Consent.objects.get(record_id=human.id)
    assert not held.note and not Person.unguarded.exists() and "zyx" not in everything("kernel.stamp").casefold()
