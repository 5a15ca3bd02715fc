"""A field becomes one of another kind where nothing is lost; what would be lost is counted first."""

import re

import pytest

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.field_kinds import WAYS, ChangeKind, misfits, offered
from comity.changes.settings import SaveSetting
from comity.changes.undo import Undo
from comity.kernel.errors import Invalid, Refused
from comity.records.models import CustomField, CustomRecord, CustomType
from support import fields
from support.browser import browser
from support.fields import card
from support.house import again, colleague

pytestmark = pytest.mark.django_db
CHOICES = [{"key": one, "label": {"en": one.capitalize()}} for one in ("red", "blue")]
VALUES = {"text": "https://a.example/x", "longtext": "Brick", "url": "https://a.example/x", "choice": "red",
          "choices": ["red"], "taxnumber": "7707083893", "date": "2026-03-01", "country": "DE", "currency": "EUR",
          "language": "de", "integer": "3"}  # fmt: skip


def titles(actor: Actor, query: str) -> list[str]:
    answer = browser(actor).get(f"/api/v1/properties?{query}")
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["items"]]


@pytest.mark.parametrize(("kind", "to"), [(kind, to) for kind, every in WAYS.items() for to in every])
def test_values_stay_and_are_found(boss: Actor, kind: str, to: str) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", kind, choices=CHOICES, indexed=True, unit="pieces")
    ref = card(boss, "own_property", "Mill Lane", own_mark=VALUES[kind])
    card(boss, "own_property", "High Street")
    row = CustomField.objects.get(pk=made.id)
    assert to in offered(row) and misfits(again(boss), row, to) == 0
    run(again(boss), ChangeKind(made.id, to))
    told = browser(boss).get(f"/api/v1/properties/{ref.id}").json()["own_mark"]
    plain = VALUES[kind][0] if kind == "choices" else VALUES[kind]
    assert told == ([plain] if to == "choices" else plain)
    query = f"own_mark={plain}" if to != "url" else "own_mark__starts=https"
    assert titles(boss, query) == ["Mill Lane"]
    assert titles(boss, "own_mark__empty=1") == ["High Street"]
    assert browser(boss).get(f"/properties/{ref.id}/history").status_code == 200
    run(again(boss), Update("own_property", ref.id, 0, {"own_mark": None}))
    assert len(titles(boss, "own_mark__empty=1")) == 2


def test_a_whole_number_becomes_a_number_and_its_past_still_reads(boss: Actor) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "floors", "integer", unit="pieces")
    ref = card(boss, "own_property", "Mill Lane", own_floors=3)
    card(boss, "own_property", "High Street", own_floors=12)
    gone = run(again(boss), Update("own_property", ref.id, 0, {"own_floors": 5})).event
    client = browser(boss)
    assert client.post(f"/settings/fields/{made.id}/do/kind", {"kind": "number"}).status_code == 302
    run(again(boss), Update("own_property", ref.id, 0, {"own_floors": "5.5"}))
    told = client.get(f"/api/v1/properties/{ref.id}").json()
    assert told["own_floors"] == "5.5"
    assert titles(boss, "own_floors__more=5") == ["High Street", "Mill Lane"]
    assert titles(boss, "own_floors__more=6") == ["High Street"]
    row = CustomRecord.unguarded.get(pk=ref.id)
    assert row.custom["own_floors"] == 55_000 and row.version == 3
    page = client.get(f"/properties/{ref.id}/history").content.decode()
    assert {"3", "5", "5,5"} <= {found.strip() for found in re.findall(r">([^<]*)<", page)}
    run(again(boss), Update("own_property", ref.id, 0, {"own_floors": "5"}))
    run(again(boss), Undo(gone))
    assert client.get(f"/api/v1/properties/{ref.id}").json()["own_floors"] == "3"


def test_a_whole_number_too_large_for_a_fraction_stays(boss: Actor) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "stars", "integer", unit="pieces")
    card(boss, "own_property", "Mill Lane", own_stars=1)
    CustomRecord.unguarded.update(custom={"own_stars": 2**60})
    row = CustomField.objects.get(pk=made.id)
    assert misfits(again(boss), row, "number") == 1
    with pytest.raises(Invalid):
        run(again(boss), ChangeKind(made.id, "number"))
    assert CustomField.objects.get(pk=made.id).kind == "integer"


def test_what_would_not_fit_is_counted_and_stays(boss: Actor) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", "longtext")
    card(boss, "own_property", "Mill Lane", own_mark="two\nlines")
    card(boss, "own_property", "High Street", own_mark="x" * 400)
    card(boss, "own_property", "Hill Road", own_mark="short")
    url = f"/settings/fields/{made.id}/do/kind"
    client = browser(boss)
    assert "2" in client.get(url, headers={"HX-Request": "true"}).content.decode().split("</p>")[0]
    assert client.post(url, {"kind": "text"}).status_code == 422
    with pytest.raises(Invalid):
        run(again(boss), ChangeKind(made.id, "text"))
    assert CustomField.objects.get(pk=made.id).kind == "longtext"


@pytest.mark.parametrize("to", ["integer", "file", "", "longtext"])
def test_no_other_way_is_open(boss: Actor, to: str) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", "number", unit="pieces")
    with pytest.raises(Invalid):
        run(again(boss), ChangeKind(made.id, to))


def test_a_board_keeps_what_it_stands_on(boss: Actor) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", "choice", choices=CHOICES)
    run(again(boss), SaveSetting("type", {"board_by": "own_mark"}, CustomType.objects.get().pk))
    with pytest.raises(Invalid):
        run(again(boss), ChangeKind(made.id, "choices"))


def test_it_takes_the_right_to_change_fields(boss: Actor) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", "text")
    with pytest.raises(Refused):
        run(again(colleague("mira", "all")), ChangeKind(made.id, "longtext"))
