"""Which fields are used is counted behind everybody's back; those nobody uses are put away after a word."""

from datetime import timedelta
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Trash, Update
from comity.changes.field_use import JOB, CountUse, due_at
from comity.changes.settings import SaveSetting
from comity.kernel import clock, jobs
from comity.kernel.errors import Refused
from comity.notices.models import Notice
from comity.records.models import CustomField, FieldUse
from support import fields
from support.browser import browser
from support.fields import card
from support.house import again, colleague

pytestmark = pytest.mark.django_db


def count() -> None:
    jobs.enqueue(JOB)
    jobs.run_due()


@pytest.fixture
def made(boss: Actor) -> dict[str, Any]:
    """Three properties, one of them in the trash; fields of the ways values are kept."""
    fields.kind(boss)
    keys = ("text", "relation", "phones", "date")
    refs = {key: fields.field(boss, "own_property", key, key, keep_months=2) for key in keys}
    firm = card(boss, "company", "Rossi")
    phones = ["+74957000001"]
    first = card(boss, "own_property", "Mill Lane", own_text="Brick", own_relation=str(firm), own_phones=phones)
    card(boss, "own_property", "High Street", own_text="Wood")
    gone = card(boss, "own_property", "Hill Road", own_text="Clay")
    run(again(boss), Trash("own_property", gone.id))
    return {"fields": refs, "first": first}


def test_counted_in_the_background(boss: Actor, made: dict[str, Any]) -> None:
    values = {"type_key": "own_property", "name": "Bricks", "where": {"all": [
        {"field": "own_text", "op": "is", "value": "brick"}]}, "columns": ["own_text"]}  # fmt: skip
    run(again(boss), SaveSetting("view", values | {"shared": True}))
    client = browser(boss)
    assert client.get("/settings/use").status_code == 200 and not FieldUse.objects.exists()
    count()
    held = {use.field.key: use for use in FieldUse.objects.select_related("field")}
    assert {key: (use.filled, use.cards) for key, use in held.items()} == {
        "own_text": (2, 2), "own_relation": (1, 2), "own_phones": (1, 2), "own_date": (0, 2),
    }  # fmt: skip
    assert held["own_text"].places == {"views": 1} and held["own_date"].changed_at is None
    assert held["own_text"].changed_by == boss.user_id
    page = client.get("/settings/use").content.decode()
    assert "2 / 2" in page and "0 / 2" in page
    before = held["own_text"].changed_at
    run(again(boss), Update("own_property", made["first"].id, 0, {"own_text": "Stone"}))
    count()
    assert FieldUse.objects.get(field__key="own_text").changed_at > before


def test_what_nobody_uses_goes_after_a_word(boss: Actor, made: dict[str, Any], monkeypatch: Any) -> None:
    count()
    late = clock.now() + timedelta(days=70)
    monkeypatch.setattr("comity.changes.field_use.now", lambda: late)
    CustomField.objects.exclude(key__in=["own_text", "own_date"]).update(keep_months=0)
    FieldUse.objects.filter(field__key="own_text").update(changed_at=late)
    count()
    row = CustomField.objects.select_related("use").get(key="own_date")
    assert row.archived_at is None and due_at(row) == late + timedelta(days=30)
    assert CustomField.objects.get(key="own_text").use.warned_at is None
    clerk = colleague("clerk", "all")
    dispatcher.drain()
    told = Notice.objects.get(kind="field_idle")
    assert (told.user_id, told.record_id) == (boss.user_id, row.pk)
    page = browser(boss).get("/notices").content.decode()
    assert f'/notices/{told.pk}"' in page
    opened = browser(boss).get(f"/notices/{told.pk}")
    assert opened["Location"] == f"/settings/fields/{row.pk}"
    count()
    dispatcher.drain()
    assert Notice.objects.filter(kind="field_idle").count() == 1  # once, not every night
    later = late + timedelta(days=31)
    monkeypatch.setattr("comity.changes.field_use.now", lambda: later)
    FieldUse.objects.filter(field__key="own_text").update(changed_at=later)
    count()
    row.refresh_from_db()
    assert row.archived_at is not None
    dispatcher.drain()
    data = [one.data for one in Notice.objects.filter(kind="field_idle", user_id=boss.user_id).order_by("id")]
    assert ["due" in one for one in data] == [True, False] and data[1]["archived"]
    assert not Notice.objects.filter(user_id=clerk.user_id).exists()
    assert set(CustomField.objects.filter(archived_at=None).values_list("key", flat=True)) == {
        "own_text", "own_relation", "own_phones"
    }  # fmt: skip


def test_a_field_that_formulas_need_stays_and_that_is_told(boss: Actor, made: dict[str, Any], monkeypatch: Any) -> None:
    CustomField.objects.update(keep_months=0)
    needed = fields.field(boss, "own_property", "rooms", "integer", unit="pieces", keep_months=1)
    fields.field(boss, "own_property", "twice", "formula", formula="own_rooms * 2")
    count()
    for days in (40, 80):
        late = clock.now() + timedelta(days=days)
        monkeypatch.setattr("comity.changes.field_use.now", lambda late=late: late)
        count()
    dispatcher.drain()
    assert CustomField.objects.get(pk=needed.id).archived_at is None
    told = Notice.objects.filter(kind="field_idle").order_by("id")
    assert [one.data.get("archived") for one in told] == [None, False]


def test_used_again_it_stays(boss: Actor, made: dict[str, Any], monkeypatch: Any) -> None:
    count()
    late = clock.now() + timedelta(days=70)
    monkeypatch.setattr("comity.changes.field_use.now", lambda: late)
    count()
    assert FieldUse.objects.get(field__key="own_date").warned_at == late
    FieldUse.objects.filter(field__key="own_date").update(changed_at=late)
    count()
    assert FieldUse.objects.get(field__key="own_date").warned_at is None


def test_it_takes_the_right_to_change_fields(boss: Actor, made: dict[str, Any]) -> None:
    mira = again(colleague("mira", "all"))
    with pytest.raises(Refused):
        run(mira, CountUse())
    assert browser(mira).get("/settings/use").status_code == 404
    assert browser(boss).post("/settings/use/do/count").status_code == 302
