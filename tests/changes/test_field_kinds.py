"""A field becomes one of another kind where nothing is lost; what would be lost is counted first."""

import pytest

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.field_kinds import WAYS, ChangeKind, misfits, offered
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid, Refused
from comity.records.models import CustomField, CustomType
from support import fields
from support.browser import browser
from support.fields import card
from support.house import again, colleague

pytestmark = pytest.mark.django_db
CHOICES = [{"key": one, "label": {"en": one.capitalize()}} for one in ("red", "blue")]
VALUES = {"text": "https://a.example/x", "longtext": "Brick", "url": "https://a.example/x", "choice": "red",
          "choices": ["red"], "taxnumber": "7707083893", "date": "2026-03-01", "country": "DE", "currency": "EUR",
          "language": "de"}  # fmt: skip


def titles(actor: Actor, query: str) -> list[str]:
    answer = browser(actor).get(f"/api/v1/properties?{query}")
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["items"]]


@pytest.mark.parametrize(("kind", "to"), [(kind, to) for kind, every in WAYS.items() for to in every])
def test_values_stay_and_are_found(boss: Actor, kind: str, to: str) -> None:
    fields.kind(boss)
    made = fields.field(boss, "own_property", "mark", kind, choices=CHOICES, indexed=True)
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
