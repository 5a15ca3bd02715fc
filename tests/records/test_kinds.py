"""Every kind of value: read, kept, told in JSON and read again without loss; bad input refused in words."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.errors import Invalid
from comity.records import kinds
from comity.records.fields import KINDS, FieldSpec, of, option
from comity.records.kinds import BadValue, Env
from comity.records.models import FileRef, RecordRef

KEY, OTHER = UUID(int=7), UUID(int=9)
REF = RecordRef("company", KEY)
FILE = FileRef(KEY, "plan.pdf", 7)
CHOICES = (option("red", "Red"), option("pale_blue", "Pale blue"))
ENV = Env("ru", "RU", "Europe/Moscow", "RUB")

# kind -> (raw input, the value it means)
GOOD: dict[str, list[tuple[Any, Any]]] = {
    "text": [("  two   words ", "two words"), (None, ""), (12, "12")],
    "longtext": [(" a\n\nb ", "a\n\nb")],
    "integer": [("1 234", 1234), (7, 7), ("", None), ("-3", -3)],
    "number": [("1,5", 15_000), ("0.25", 2_500), (2, 20_000), (1.234, 12_340), ("", None)],
    "percent": [("12,5 %", 125_000), ("5", 50_000), (7, 70_000)],
    "money": [
        ("10,50", (105_000, "RUB")), ({"amount": "3", "currency": "eur"}, (30_000, "EUR")),
        ([105_000, "USD"], (105_000, "USD")), ("", None), ({"amount": "", "currency": "EUR"}, None),
    ],
    "date": [("2026-03-31", date(2026, 3, 31)), (date(2026, 1, 2), date(2026, 1, 2)), ("", None)],
    "datetime": [
        ("2026-03-31T12:30", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T12:30:00+00:00", datetime(2026, 3, 31, 12, 30, tzinfo=UTC)), ("", None),
    ],
    "bool": [("on", True), (True, True), ("", False), (None, False)],
    "choice": [("red", "red"), ("", ""), (None, "")],
    "choices": [(["red", "pale_blue", "red"], ("red", "pale_blue")), ("|red|", ("red",)), ("", ())],
    "language": [("RU", "ru"), ("", "")],
    "languages": [(["RU", "en"], ("ru", "en")), ((), ())],
    "country": [("de", "DE")],
    "currency": [("eur", "EUR")],
    "user": [(str(KEY), KEY), (KEY, KEY), ("", None)],
    "team": [(str(KEY), KEY)],
    "link": [(str(KEY), KEY)],
    "card": [(f"company:{KEY}", REF), (REF, REF), ("", None)],
    "tags": [([str(OTHER), str(KEY)], (KEY, OTHER)), ("", ())],
    "phones": [
        ("8 (916) 123-45-67", ({"label": "", "value": "+79161234567", "ext": ""},)),
        ([{"value": "+7 916 123-45-67", "label": " work ", "ext": "12"}, {"value": "89161234567"}],
         ({"label": "work", "value": "+79161234567", "ext": "12"},)),
        ([{"value": ""}], ()),
    ],
    "emails": [("Anna@Example.com", ({"label": "", "value": "Anna@example.com", "ext": ""},))],
    "handles": [("@anna", ({"label": "", "value": "@anna", "ext": ""},))],
    "url": [("example.com/a", "https://example.com/a"), ("", "")],
    "address": [({"street": " Long   St 1 ", "city": "", "other": "x"}, {"street": "Long St 1"}), ("", {})],
    "taxnumber": [(" 7707083893 ", "7707083893")],
    "relation": [(str(KEY), (REF,)), ([f"company:{KEY}", REF], (REF,)), ("", ()), ([], ())],
    "file": [(str(KEY), (FILE,)), ([FILE, {"id": str(KEY)}], (FILE,)), ("", ())],
}  # fmt: skip

BAD: dict[str, list[Any]] = {
    "text": ["x" * 301, ["a"], {"a": 1}],
    "longtext": ["x" * 20_001],
    "integer": ["1,5", "many", True, "5%", str(2**62)],
    "number": ["5%", "12 ٪", "1.23456", "x"],
    "percent": ["half", "1.23456"],
    "money": [[5, "EURO"], [2**70, "EUR"], {"amount": "x", "currency": "EUR"}, {"amount": "1", "currency": "E1R"}],
    "date": ["31.03.2026", "2026-02-30", "0999-01-01", 5],
    "datetime": ["soon", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"],
    "bool": [],
    "choice": ["blue"],
    "choices": [["red", "blue"], ["a|b"]],
    "language": ["russian", "1a"],
    "languages": [["ru", "russian"], ["r|"]],
    "country": ["DEU"],
    "currency": ["EU"],
    "user": ["nobody"],
    "team": ["x"],
    "link": [12],
    "card": [12, str(KEY), "company:", "company:x"],
    "tags": [["x"]],
    "phones": ["12", [{"value": "call me"}], [f"+7916123{n:04}" for n in range(21)]],
    "emails": ["anna@", "anna at example.com"],
    "handles": ["two words", "x" * 121],
    "url": ["javascript:alert(1)", "https://nodot", "https://a b.example"],
    "address": [{"street": "x" * 201}],
    "taxnumber": ["x" * 40],
    "relation": [12, "company:", f"person:{KEY}", [str(KEY), str(OTHER)]],
    "file": [12, "plan.pdf", [str(KEY), str(OTHER)]],
}


def spec_of(kind: str, stored: str = "column") -> FieldSpec:
    more = {"choices": CHOICES} if kind in ("choice", "choices") else {}
    unit = "pieces" if kind in ("integer", "number") else ""
    size = 32 if kind == "taxnumber" else 300
    return of(kind, "field", "Field", unit=unit, stored=stored, target="company", max_length=size, **more)


def kept(spec: FieldSpec, value: Any) -> Any:
    """The value after it was stored and read again."""
    stored = kinds.store(spec, value)
    row = (
        {"custom": {key: one for key, one in stored.items() if one is not None}} if spec.stored == "custom" else stored
    )
    return kinds.read(spec, row)


def test_every_kind_is_tried() -> None:
    assert set(GOOD) == set(BAD) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_from_outside_to_the_base_and_back(kind: str) -> None:
    spec = spec_of(kind)
    for raw, value in GOOD[kind]:
        assert kinds.clean(spec, raw, ENV) == value
        assert kinds.from_json(spec, kinds.to_json(spec, value)) == value
        if spec.stored != "rows":
            assert kept(spec, value) == value
            assert kept(spec_of(kind, "custom"), value) == value


@pytest.mark.parametrize("kind", [kind for kind in KINDS if BAD[kind]])
def test_bad_input_is_refused_in_words(kind: str) -> None:
    for raw in BAD[kind]:
        with pytest.raises(BadValue) as refused:
            kinds.clean(spec_of(kind), raw, ENV)
        words = str(refused.value)
        assert words.endswith((".", "0018", "com")), words
        assert "Error" not in words
        assert "{" not in words


ANYTHING = st.one_of(
    st.text(max_size=40), st.integers(), st.floats(), st.none(), st.booleans(),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.sampled_from(["value", "amount", "currency", "street"]), st.text(max_size=5)),
)  # fmt: skip


@given(ANYTHING)
def test_whatever_comes_in_is_a_value_or_refused(raw: Any) -> None:
    for kind in KINDS:
        spec = spec_of(kind)
        try:
            value = kinds.clean(spec, raw, ENV)
        except BadValue:
            continue
        again = kinds.from_json(spec, kinds.to_json(spec, value))
        assert again == value, kind


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["EUR", "RUB", "IDR"]))
def test_money_survives_every_form(units: int, currency: str) -> None:
    spec = spec_of("money")
    assert kinds.clean(spec, kinds.to_json(spec, (units, currency)), ENV) == (units, currency)
    assert kept(spec, (units, currency)) == kept(spec_of("money", "custom"), (units, currency)) == (units, currency)


@pytest.mark.parametrize("written", ["25%", "25 %", "٢٥٪", "0,25 %"])
def test_a_percentage_never_lands_in_a_field_of_pieces(written: str) -> None:
    for kind in ("integer", "number"):
        with pytest.raises(BadValue):
            kinds.clean(spec_of(kind), written, ENV)
    assert kinds.clean(spec_of("percent"), written, ENV) in (250_000, 2_500)


def test_a_percent_field_counts_percent_and_nothing_else() -> None:
    assert spec_of("percent").unit == "percent"
    with pytest.raises(ValueError, match="declares its unit"):
        of("number", "weight", "Weight")


def test_units_that_differ_never_add_up() -> None:
    from comity.kernel import units

    with pytest.raises(Invalid):
        units.add(units.get("percent"), units.get("pieces"))
