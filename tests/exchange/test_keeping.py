"""Rules of keeping: cards nobody touches are shown, or go into the trash after a word; and come back as one act."""

from datetime import date, timedelta
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import batch, dispatcher
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.models import Batch
from comity.changes.settings import SaveSetting
from comity.exchange.keeping import idle, running
from comity.exchange.keeping.model import KeepingMark, KeepingRule
from comity.exchange.keeping.purging import DeleteForGood
from comity.exchange.keeping.running import JOB
from comity.identity.models import Organization
from comity.kernel import jobs
from comity.kernel.errors import Invalid, Refused
from comity.notices.models import Notice
from comity.parties.models import Company
from comity.records.models import RecordRef
from comity.sales.deals.commands import LoseDeal
from comity.timeline.models import Event
from comity.work.notes.commands import WriteNote
from support import fields
from support.browser import browser
from support.house import again, colleague, company, speaking
from support.merging import made

pytestmark = pytest.mark.django_db


def night() -> None:
    """The job of one night, and what follows the events."""
    jobs.enqueue(JOB)
    while jobs.run_due():
        pass
    dispatcher.drain()


def rule(boss: Actor, **more: Any) -> KeepingRule:
    """A rule over companies that puts them into the trash after six months."""
    values = {"name": "Old ones", "type_key": "company", "months": 6, "then": "trash", **more}
    return KeepingRule.objects.get(pk=run(again(boss), SaveSetting("keeping_rule", values)).record.id)


def lying() -> set[str]:
    """The names of the companies in the trash."""
    return set(Company.unguarded.filter(deleted_at__isnull=False).values_list("title", flat=True))


class Office:
    """Twelve companies of long ago, two of them Ann's; eight fresh ones are there when the rules run."""

    def __init__(self, boss: Actor, clock: Any) -> None:
        self.boss, self.clock = boss, clock
        self.ann = colleague("Ann", "team")
        self.old = [company(boss, f"Old {n}", **({"owner": str(self.ann.user_id)} if n < 2 else {})) for n in range(2)]
        clock.tick(days=200)
        self.fresh = [company(boss, f"Fresh {n}") for n in range(8)]

    def wait(self, **delta: float) -> None:
        """Time goes by; the fresh ones are worked on."""
        self.clock.tick(**delta)


@pytest.fixture
def office(boss: Actor, stopped_clock: Any) -> Office:
    """See Office."""
    return Office(boss, stopped_clock)


def test_a_rule_shows_at_once_what_it_is_about(office: Office) -> None:
    client = browser(speaking(office.boss, "en"))
    answer = client.post("/settings/keeping/do/new", {"name": "Old ones", "type_key": "company", "months": "6",
                                                       "then": "trash"})  # fmt: skip
    one = KeepingRule.objects.get()
    assert answer["Location"] == f"/settings/keeping/{one.pk}"
    page = client.get(answer["Location"]).content.decode()
    assert "2 cards" in page and f"/keeping/{one.pk}" in page
    seen = client.get(f"/keeping/{one.pk}").content.decode()
    assert "Old 0" in seen and "Old 1" in seen and "Fresh 0" not in seen
    client.post(f"/settings/keeping/{one.pk}/do/where",
                {"match": "all", "f-0": "name", "op-0": "contains", "v-0": "old 1"})  # fmt: skip
    page = client.get(f"/settings/keeping/{one.pk}").content.decode()
    assert "1 card." in page
    assert "Old 0" not in client.get(f"/keeping/{one.pk}").content.decode()
    assert "Old ones" in client.get("/settings/keeping").content.decode()
    client.post(f"/settings/keeping/{one.pk}/do/delete")
    assert not KeepingRule.objects.exists()
    undo = client.get("/settings/audit").content.decode()
    assert "/settings/audit/do/undo" in undo


def test_first_a_word_then_the_trash_then_back(office: Office) -> None:
    one = rule(office.boss)
    night()
    due = idle.today(again(office.boss).state) + timedelta(days=14)
    assert not lying() and KeepingMark.objects.filter(due_on=due).count() == 2
    told = {notice.user_id: notice.data["count"] for notice in Notice.objects.filter(kind="keeping")}
    assert told == {office.boss.user_id: 2, office.ann.user_id: 2}  # one word for both cards
    mine = browser(office.ann)
    assert "Old 0" in mine.get(f"/keeping/{one.pk}").content.decode()
    notice = Notice.objects.get(kind="keeping", user_id=office.ann.user_id)
    assert mine.get(f"/notices/{notice.pk}")["Location"] == f"/keeping/{one.pk}"
    office.wait(days=13)
    night()
    assert not lying() and Notice.objects.filter(kind="keeping").count() == 2  # once, not every night
    mine.post(f"/keeping/{one.pk}/{office.old[0].id}/keep")
    office.wait(days=1)
    night()
    assert lying() == {"Old 1"}
    assert Notice.objects.filter(kind="keeping_done").get().user_id == office.boss.user_id
    held = Batch.objects.get(command="keeping")
    assert (held.done, held.state) == (1, "done")
    client = browser(office.boss)
    log = client.get("/settings/keeping").content.decode()
    assert f"/settings/keeping/{held.pk}/do/undo" in log
    client.post(f"/settings/keeping/{held.pk}/do/undo")
    assert not lying() and f"{held.pk}/do/undo" not in client.get("/settings/keeping").content.decode()
    office.wait(days=20)
    night()
    assert not lying()  # put back by hand: that is a touch


def test_what_was_deleted_for_good_does_not_come_back_and_that_is_said(office: Office) -> None:
    rule(office.boss)
    night()
    office.wait(days=15)
    night()
    assert lying() == {"Old 0", "Old 1"}
    run(again(office.boss), DeleteForGood("company", [office.old[0].id]))
    client = browser(speaking(office.boss, "en"))
    answer = client.post(f"/settings/keeping/{Batch.objects.get(command='keeping').pk}/do/undo", follow=True)
    said = answer.content.decode()
    assert "1 card put back. 1 was deleted for good since" in said
    assert not lying() and Company.unguarded.filter(pk=office.old[1].id, deleted_at=None).exists()


@pytest.mark.parametrize("how", ["edit", "note", "task", "deal", "condition"])
def test_spared_when_touched_meanwhile(office: Office, how: str) -> None:
    one = rule(office.boss)
    night()
    boss, card = again(office.boss), office.old[0]
    match how:
        case "edit":
            run(boss, Update("company", card.id, 0, {"website": "https://old.example"}))
        case "note":
            run(boss, WriteNote("company", card.id, "They called."))
        case "task":
            due = (office.clock.now + timedelta(days=1)).isoformat()
            made(boss, "task", {"name": "Call", "about": str(card), "due_at": due})
        case "deal":
            made(boss, "deal", {"name": "Bricks", "company": str(card.id)})
        case "condition":
            where = {"all": [{"field": "name", "op": "contains", "value": "old 1"}]}
            run(boss, SaveSetting("keeping_rule", {"where": where}, one.pk))
    office.wait(days=15)
    night()
    assert lying() == {"Old 1"}
    assert Company.unguarded.get(pk=card.id).deleted_at is None


def test_work_under_way_is_never_idle(office: Office) -> None:
    boss = again(office.boss)
    due = (office.clock.now + timedelta(days=1)).isoformat()
    deal = made(boss, "deal", {"name": "Bricks", "company": str(office.old[0].id)})
    task = made(boss, "task", {"name": "Call", "about": str(office.old[1]), "due_at": due})
    office.wait(days=400)
    for n, card in enumerate(office.fresh):
        run(again(boss), Update("company", card.id, 0, {"name": f"Fresh {n}!"}))
    page = browser(office.boss)
    one = rule(office.boss)
    seen = page.get(f"/keeping/{one.pk}").content.decode()
    assert "Old 0" not in seen and "Old 1" not in seen
    of_deals = rule(office.boss, type_key="deal", name="Deals", then="show")
    assert "Bricks" not in page.get(f"/keeping/{of_deals.pk}").content.decode()
    run(again(boss), LoseDeal(deal.id, 0, "price"))
    office.wait(days=400)
    page = browser(office.boss)
    assert "Bricks" in page.get(f"/keeping/{of_deals.pk}").content.decode()
    seen = page.get(f"/keeping/{one.pk}").content.decode()
    assert "Old 0" in seen and "Old 1" not in seen and task


def test_only_show_me_puts_nothing_away(office: Office) -> None:
    one = rule(office.boss, then="show")
    for _n in range(3):
        night()
        office.wait(days=15)
    assert not lying() and not KeepingMark.objects.exists() and not Notice.objects.filter(kind="keeping").exists()
    assert "Old 0" in browser(office.boss).get(f"/keeping/{one.pk}").content.decode()


def test_more_than_a_fifth_waits_for_a_word(office: Office) -> None:
    run(again(office.boss), Update("company", office.fresh[7].id, 0, {"name": "Newest"}))
    one = rule(office.boss, months=1)
    office.wait(days=40)
    for _n in range(2):
        night()
    assert not KeepingMark.objects.exists()
    asked = Notice.objects.get(kind="keeping_asks")  # once
    assert (asked.data["count"], asked.data["cards"]) == (10, 10)
    client = browser(office.boss)
    page = client.get(f"/settings/keeping/{one.pk}").content.decode()
    agree = f"/settings/keeping/{one.pk}/do/agree?digest={idle.digest(one)}"
    assert agree in page
    client.post(agree.replace(idle.digest(one), "0123456789abcdef"))  # the rule was another one
    night()
    assert not KeepingMark.objects.exists()
    client.post(agree)
    night()
    assert KeepingMark.objects.count() == 10
    assert agree not in client.get(f"/settings/keeping/{one.pk}").content.decode()
    run(again(office.boss), SaveSetting("keeping_rule", {"months": 2}, one.pk))  # another rule now
    office.wait(days=40)
    night()
    assert not lying() and Notice.objects.filter(kind="keeping_asks").count() == 2


def test_a_killed_worker_goes_on_where_it_stopped(office: Office, monkeypatch: Any) -> None:
    rule(office.boss)
    night()
    office.wait(days=15)
    real, calls = batch._one, []

    def dies(*args: Any) -> bool:
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*args)

    monkeypatch.setattr(batch, "_one", dies)
    monkeypatch.setattr(batch, "LONGEST", -1.0)
    jobs.enqueue(JOB)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due()
    assert len(lying()) == 1
    monkeypatch.setattr(batch, "_one", real)
    office.wait(hours=1)
    jobs.reap()
    night()
    assert lying() == {"Old 0", "Old 1"} and Batch.objects.filter(command="keeping").count() == 1
    assert Event.objects.filter(type="keeping.done").count() == 1
    assert Event.objects.filter(type="record.trashed").count() == 2


def test_no_more_than_so_many_in_a_night(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "MOST", 1)
    rule(office.boss)
    night()
    assert KeepingMark.objects.count() == 1
    office.wait(days=15)
    night()
    assert len(lying()) == 1
    office.wait(days=15)
    night()
    assert len(lying()) == 2


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_days_are_those_of_the_company(office: Office, zone: str) -> None:
    """At 09:00 UTC it is 23:00 of that day on Kiritimati, 22:00 of the day before on Niue."""
    run(again(office.boss), SaveSetting("organization", {"timezone": zone}, Organization.objects.get().pk))
    rule(office.boss)
    at = office.clock.now
    night()
    local = at.date() if zone.endswith("Kiritimati") else at.date() - timedelta(days=1)
    assert set(KeepingMark.objects.values_list("due_on", flat=True)) == {local + timedelta(days=14)}
    # At 10:30 UTC the 14th day after has begun on Kiritimati; on Niue it does so half an hour later.
    office.clock.move(at.replace(hour=10, minute=30) + timedelta(days=13))
    night()
    assert bool(lying()) == zone.endswith("Kiritimati")
    office.clock.tick(minutes=30)
    night()
    assert lying()


def test_months_are_those_of_the_calendar() -> None:
    assert idle.months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert idle.months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)
    assert idle.months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)


def test_rights(office: Office) -> None:
    clerk = colleague("Clerk", "all")
    one = rule(office.boss)
    with pytest.raises(Refused):
        rule(clerk)
    client = browser(clerk)
    assert client.get("/settings/keeping").status_code == 404
    assert "Old 0" not in client.get(f"/keeping/{one.pk}").content.decode()
    keeper = colleague("Keeper", "own")
    Role.objects.filter(key="role-Keeper").update(permits=["settings"])
    changed()
    with pytest.raises(Invalid):
        rule(keeper)  # a rule does not what he may not do himself
    assert rule(keeper, then="show", name="Mine")
    seen = browser(keeper).get(f"/keeping/{one.pk}").content.decode()
    assert "Old 0" not in seen  # as he sees them: none is his
    keep = f"/keeping/{one.pk}/{office.old[0].id}/keep"
    assert browser(keeper).post(keep).status_code == 404
    assert browser(keeper).get("/settings/keeping").content.decode().count("Old ones") == 1
    with pytest.raises(Invalid):
        rule(office.boss, type_key="task")
    with pytest.raises(Invalid):
        rule(office.boss, months=0)


def test_rules_are_settings_like_others(office: Office) -> None:
    one = rule(office.boss)
    run(again(office.boss), SaveSetting("keeping_rule", {"months": 3, "then": "show"}, one.pk))
    client = browser(office.boss)
    said = client.get("/settings/audit").content.decode()
    assert "Old ones" in said and "/settings/audit/do/undo?event=" in said
    changed_by = Event.objects.filter(type="setting.changed").latest("id")
    client.post(f"/settings/audit/do/undo?event={changed_by.pk}")
    one.refresh_from_db()
    assert (one.months, one.then) == (6, "trash")
    client.post(f"/settings/keeping/{one.pk}/do/delete")
    removed = Event.objects.get(type="setting.removed")
    client.post(f"/settings/audit/do/undo?event={removed.pk}")
    assert KeepingRule.objects.get(pk=one.pk).name == "Old ones"


def test_own_kinds_have_rules_too(boss: Actor, stopped_clock: Any) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "text", "text")
    old = fields.card(boss, "own_property", "Mill Lane", own_text="Brick")
    stopped_clock.tick(days=100)
    for n in range(6):
        fields.card(boss, "own_property", f"New {n}", own_text="Brick")
    where = {"all": [{"field": "own_text", "op": "is", "value": "brick"}]}
    rule(boss, type_key="own_property", months=2, where=where)
    night()
    assert list(KeepingMark.objects.values_list("record_id", flat=True)) == [old.id]
    stopped_clock.tick(days=15)
    night()
    assert browser(boss).get("/trash?type=own_property").content.decode().count("Mill Lane") >= 1
    assert RecordRef("own_property", old.id)
