"""Formulas of a card alone: counted with the change, by nobody, for lists, filters and undo like any field."""

from typing import Any

import pytest

from comity.access import policy
from comity.access.models import Role
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.changes.models import Recount
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting
from comity.changes.undo import Undo
from comity.kernel.errors import Invalid
from comity.records.conditions import compile_q
from comity.records.models import CustomField, RecordRef
from comity.timeline.models import Event
from support.deals import deal
from support.formulas import custom, field, formula, settle
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db


@pytest.fixture
def flats(boss: Any) -> str:
    """A kind of card of the firm's own with price and area, and what a square metre costs."""
    run(boss, SaveSetting("type", {
        "key": "own_flat", "slug": "flats", "label": {"en": "Flat"}, "plural": {"en": "Flats"}, "icon": "home",
        "menu": "clients",
    }))  # fmt: skip
    field(boss, "own_flat", "price", "money")
    field(boss, "own_flat", "area", "number", unit="square_metre")
    formula(boss, "own_flat", "metre", "own_price / own_area", indexed=True)
    return "own_flat"


def flat(actor: Any, name: str, **values: Any) -> RecordRef:
    """A flat."""
    given = {f"own_{key}": value for key, value in values.items()}
    return run(again(actor), Create("own_flat", {"name": name, **given})).record


def change(actor: Any, ref: RecordRef, **values: Any) -> Any:
    """A change of the administrator's fields."""
    return run(again(actor), Update(ref.type, ref.id, 0, {f"own_{key}": value for key, value in values.items()}))


def test_price_per_square_metre(boss: Any, flats: str) -> None:
    made = again(boss).state.record_types["own_flat"].spec("own_metre")
    assert (made.kind, made.level) == ("money", "read")
    ref = flat(boss, "One", price=["100", "EUR"], area="8")
    assert custom(boss, ref)["metre"] == [125_000, "EUR"]
    result = change(boss, ref, area="10")
    assert custom(boss, ref)["metre"] == [100_000, "EUR"]
    event = Event.objects.get(pk=result.event)
    assert event.payload["changes"] == {"own_area": [80_000, 100_000]}  # what he did, and no more
    change(boss, ref, area="0")
    assert "metre" not in custom(boss, ref)
    change(boss, ref, area="3")
    assert custom(boss, ref)["metre"] == [333_333, "EUR"]
    change(boss, ref, area="")
    assert "metre" not in custom(boss, ref)


def test_undo_brings_the_old_value_back(boss: Any, flats: str) -> None:
    ref = flat(boss, "One", price=["100", "EUR"], area="8")
    result = change(boss, ref, price=["800", "EUR"])
    assert custom(boss, ref)["metre"] == [1_000_000, "EUR"]
    run(again(boss), Undo(result.event))
    assert custom(boss, ref)["metre"] == [125_000, "EUR"]


def test_nobody_writes_it(boss: Any, flats: str) -> None:
    ref = flat(boss, "One", price=["100", "EUR"], area="8")
    with pytest.raises(Invalid) as wrong:
        change(boss, ref, metre=["1", "EUR"])
    assert "own_metre" in wrong.value.fields
    with pytest.raises(Invalid):
        flat(boss, "Two", metre=["1", "EUR"])


def test_filters_see_it(boss: Any, flats: str) -> None:
    cheap = flat(boss, "Cheap", price=["100", "EUR"], area="8")
    flat(boss, "Dear", price=["1000", "EUR"], area="8")
    actor = again(boss)
    record_type = actor.state.record_types["own_flat"]
    q = compile_q({"field": "own_metre", "op": "less", "value": "20"}, policy.condition_scope(actor, record_type))
    assert [one.pk for one in record_type.rows.filter(q)] == [cheap.id]


def test_one_reads_another_in_order(boss: Any, flats: str) -> None:
    formula(boss, "own_flat", "twice", "own_metre * 2")
    formula(boss, "own_flat", "words", 'concat(name, ": ", own_twice)', kind="text", search=True)
    ref = flat(boss, "One", price=["100", "EUR"], area="8")
    assert custom(boss, ref)["twice"] == [250_000, "EUR"]
    assert custom(boss, ref)["words"] == "One: 25 EUR"
    assert custom(boss, ref)["words_fold"] == "one: 25 eur"


def test_a_new_formula_is_counted_over_all_cards(boss: Any, flats: str) -> None:
    refs = [flat(boss, f"F{n}", area=str(n)) for n in range(5)]
    made = formula(boss, "own_flat", "half", "own_area / 2")
    assert "half" not in custom(boss, refs[4])
    settle()
    assert [custom(boss, ref).get("half") for ref in refs] == [0, 5_000, 10_000, 15_000, 20_000]
    versions = set(again(boss).state.record_types["own_flat"].rows.values_list("version", flat=True))
    assert versions == {1}
    run(again(boss), SaveSetting("field", {"formula": "own_area / 4"}, made.record.id))
    settle()
    assert custom(boss, refs[4])["half"] == 10_000
    assert set(Recount.objects.values_list("state", "total", "done")) >= {("done", 5, 5)}


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("own_price + own_area", {}, "don't go together"),
        ("own_zone", {}, "no field"),
        ("own_price / own_area", {"kind": "number", "unit": "pieces"}, "does not fit"),
        ("own_area", {"kind": "number", "unit": "metre"}, "does not fit"),
        ("own_area", {"kind": "percent"}, "does not fit"),
        ("1,5", {}, "1.5"),
        ("", {}, "Write the formula"),
        ("own_self + 1", {}, "no field"),
        ("nothing", {}, "nothing that a field can hold"),
    ],
)
def test_what_is_wrong_is_refused(boss: Any, flats: str, text: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid) as wrong:
        formula(boss, "own_flat", "bad", text, **values)
    assert says in " ".join(map(str, wrong.value.fields["formula"]))
    assert not CustomField.objects.filter(key="own_bad").exists()


def test_a_percent_never_adds_to_pieces(boss: Any, flats: str) -> None:
    field(boss, "own_flat", "rooms", "integer", unit="pieces")
    field(boss, "own_flat", "fee", "percent")
    for text in ("own_rooms + own_fee", "own_fee - own_rooms", "max(own_fee, own_rooms)", "own_fee > own_rooms"):
        with pytest.raises(Invalid):
            formula(boss, "own_flat", "bad", text)
    formula(boss, "own_flat", "net", "own_price - own_price * own_fee")
    ref = flat(boss, "One", price=["100", "EUR"], fee="5")
    assert custom(boss, ref)["net"] == [950_000, "EUR"]


def test_a_circle_is_refused_by_name(boss: Any, flats: str) -> None:
    first = formula(boss, "own_flat", "a", "own_area + 1")
    formula(boss, "own_flat", "b", "own_a + 1")
    with pytest.raises(Invalid) as wrong:
        run(again(boss), SaveSetting("field", {"formula": "own_b + 1"}, first.record.id))
    text = str(wrong.value.fields["formula"][0])
    assert "circle" in text
    assert "Flat: a → Flat: b" in text or "Flat: b → Flat: a" in text


def test_a_field_that_formulas_need_stays(boss: Any, flats: str) -> None:
    area = CustomField.objects.get(key="own_area")
    with pytest.raises(Invalid) as wrong:
        run(again(boss), DeleteSetting("field", area.pk))
    assert "Flat: metre" in str(wrong.value.what)
    field(boss, "own_flat", "rooms", "integer", unit="pieces")
    formula(boss, "own_flat", "each", "own_area / own_rooms")
    with pytest.raises(Invalid) as wrong:
        run(again(boss), SaveSetting("field", {"unit": "hours"}, CustomField.objects.get(key="own_rooms").pk))
    assert "Flat: each" in str(wrong.value.fields["unit"][0])
    for key in ("own_each", "own_metre"):
        run(again(boss), DeleteSetting("field", CustomField.objects.get(key=key).pk))
    run(again(boss), DeleteSetting("field", area.pk))


def test_a_formula_comes_back_counted(boss: Any, flats: str) -> None:
    made = formula(boss, "own_flat", "half", "own_area / 2").record
    ref = flat(boss, "One", area="8")
    run(again(boss), DeleteSetting("field", made.id))
    change(boss, ref, area="10")
    run(again(boss), RestoreSetting("field", made.id))
    settle()
    assert custom(boss, ref)["half"] == 50_000


def test_a_field_is_a_formula_from_the_beginning_or_never(boss: Any, flats: str) -> None:
    area, metre = (CustomField.objects.get(key=key).pk for key in ("own_area", "own_metre"))
    for key, values in ((area, {"formula": "1"}), (metre, {"formula": ""})):
        with pytest.raises(Invalid):
            run(again(boss), SaveSetting("field", values, key))


def test_shipped_types_have_formulas_too(boss: Any) -> None:
    formula(boss, "deal", "fee", "amount * percent(3)")
    formula(boss, "deal", "late", 'expected_on < today() and state = "open"')
    ref = deal(boss, amount=["1000", "RUB"], expected_on="2020-01-01")
    assert custom(boss, ref) == {"fee": [300_000, "RUB"], "late": True}


def test_by_the_day_it_is_counted_anew(boss: Any, stopped_clock: Any) -> None:
    from comity.kernel import jobs

    formula(boss, "deal", "left", "days(today(), expected_on)")
    ref = deal(boss, expected_on="2026-03-20")
    settle()
    assert custom(boss, ref)["left"] == 10
    stopped_clock.tick(hours=24)
    jobs.fire_due()
    settle()
    assert custom(boss, ref)["left"] == 9
    recounts = Recount.objects.count()
    stopped_clock.tick(hours=1)
    jobs.fire_due()
    settle()
    assert Recount.objects.count() == recounts  # once a day


def test_who_does_not_read_a_field_does_not_read_what_is_made_of_it(boss: Any, flats: str) -> None:
    mira = colleague("Mira", "all", {"own_flat": {"own_price": "hide"}})
    formula(boss, "own_flat", "double", "own_price * 2")
    formula(boss, "own_flat", "half", "own_area / 2")
    roles = Role.objects.get(key="role-Mira").fields["own_flat"]
    assert roles == {"own_price": "hide", "own_double": "hide"}
    assert Event.objects.filter(type="setting.changed", payload__setting="role").exists()
    seen = {spec.key for spec in policy.readable_fields(again(mira), again(mira).state.record_types["own_flat"])}
    assert "own_half" in seen and "own_double" not in seen


def test_hidden_later_its_formulas_are_hidden_too(boss: Any, flats: str) -> None:
    mira = colleague("Mira", "all")
    role = Role.objects.get(key="role-Mira")
    Role.objects.filter(pk=role.pk).update(key="mira")
    record_type = again(boss).state.record_types["own_flat"]
    run(again(boss), SaveSetting("role", {"fields": {"own_flat": {"own_price": "mask"}}}, role.pk))
    assert policy.level(again(mira), record_type, record_type.spec("own_metre")) == "mask"
    run(again(boss), SaveSetting("role", {"fields": {"own_flat": {"own_area": "hide"}}}, role.pk))
    assert policy.level(again(mira), record_type, record_type.spec("own_metre")) == "hide"
    assert policy.level(again(boss), record_type, record_type.spec("own_metre")) == "read"


def test_a_company_card_is_not_touched_by_formulas_of_others(boss: Any, flats: str) -> None:
    assert custom(boss, company(boss, "Plain")) == {}
