"""Units of formulas: what goes together, what it gives, what is refused when it is written, what comes out."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.records import types
from comity.records.fields import FieldSpec, of, option
from comity.records.formulas import shapes
from comity.records.formulas.book import Book
from comity.records.formulas.checking import Checked, check
from comity.records.formulas.evaluating import Card, evaluate
from comity.records.formulas.functions import Around
from comity.records.formulas.parsing import parse
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.shapes import Amount, NoValue, Percent

pytestmark = pytest.mark.alike
AROUND = Around(
    date(2026, 3, 10), ZoneInfo("Europe/Berlin"), "EUR", {"USD": Decimal("0.9"), "RUB": Decimal("0.01")}.get
)
NUMBERS = {"area": "square_metre", "width": "metre", "items": "pieces", "weight": "kilogram", "worked": "hours",
           "grade": "number", "rest": "days"}  # fmt: skip


def spec(kind: str, key: str, **more: Any) -> FieldSpec:
    return of(kind, f"own_{key}", key, stored="custom", **more)


FIELDS = (
    *(spec("number", key, unit=unit) for key, unit in NUMBERS.items()),
    spec("integer", "floors", unit="pieces"), spec("percent", "discount"), spec("percent", "tax"),
    spec("money", "price"), spec("money", "cost"), spec("date", "begins"), spec("datetime", "seen"),
    spec("bool", "sold"), spec("text", "street"), spec("user", "agent"),
    spec("choice", "state", choices=(option("new", "New"), option("old", "Old"))),
    spec("choices", "traits", choices=(option("warm", "Warm"), option("dry", "Dry"))),
)  # fmt: skip


def house(**formulas: str) -> dict[str, types.RecordType]:
    """Company, person and deal; the deal has a field of each kind, and formulas."""
    made = tuple(replace(spec("number", key, unit="number"), formula=text) for key, text in formulas.items())
    every = {key: types.get(key) for key in ("company", "person", "deal", "task")}
    return {**every, "deal": replace(every["deal"], custom=FIELDS + made)}


def checked(text: str, type_key: str = "deal") -> Checked:
    """A formula, with `area` written for `own_area`."""
    every = house()
    return check(parse(own(text)), every[type_key], every)


def own(text: str) -> str:
    for field in sorted(FIELDS, key=lambda one: -len(one.key)):
        name = field.key.removeprefix("own_")
        text = re.sub(rf"(?<![\w\"]){name}\b(?!\()", field.key, text)
    return text


def value(text: str, **held: Any) -> Any:
    """What a formula gives with these values of fields (of the others: nothing)."""
    values = {f"own_{key}": one for key, one in held.items()}
    return evaluate(checked(text), Card(values.get), AROUND)


@pytest.mark.parametrize(
    ("text", "kind", "unit"),
    [
        ("price / area", "money", ""),
        ("price * items", "money", ""),
        ("price * discount", "money", ""),
        ("price - price * discount", "money", ""),
        ("price / cost", "number", "number"),
        ("area * discount", "number", "square_metre"),
        ("area / area", "number", "number"),
        ("width * width", "number", "square_metre"),
        ("area * width", "number", "cubic_metre"),
        ("area / width", "number", "metre"),
        ("weight * items", "number", "kilogram"),
        ("weight / items", "number", "kilogram"),
        ("worked + 2", "number", "hours"),
        ("2 * worked", "number", "hours"),
        ("discount + tax", "percent", ""),
        ("discount * 2", "percent", ""),
        ("discount + 5", "percent", ""),
        ("share(cost, price)", "percent", ""),
        ("floors + 1", "integer", "pieces"),
        ("floors / 2", "number", "pieces"),
        ("round(area)", "integer", "square_metre"),
        ("round(area, 2)", "number", "square_metre"),
        ("round(price, 2)", "money", ""),
        ("plain(weight) * plain(worked)", "number", "number"),
        ("begins + 30", "date", ""),
        ("begins + rest", "date", ""),
        ("today() - begins", "integer", "days"),
        ("days(begins, seen)", "integer", "days"),
        ("seen - seen", "number", "hours"),
        ("months(begins, 3)", "date", ""),
        ("year(begins)", "integer", "number"),
        ("if(sold, price, nothing)", "money", ""),
        ("if(area > 100, \"large\", \"small\")", "text", ""),
        ("ifempty(discount, percent(0))", "percent", ""),
        ("convert(price, \"usd\")", "money", ""),
        ("price > money(100, \"EUR\")", "bool", ""),
        ("concat(street, \" \", area)", "text", ""),
        ("street + \"!\"", "text", ""),
        ("contains(traits, \"warm\")", "bool", ""),
        ("empty(agent)", "bool", ""),
        ("begins = seen", "bool", ""),
        ("count(task[about])", "integer", "pieces"),
        ("min(area, 10)", "number", "square_metre"),
        ("company.created_at", "datetime", ""),
    ],
)  # fmt: skip
def test_units_are_carried(text: str, kind: str, unit: str) -> None:
    assert checked(text).shape == shapes.Shape(kind, unit)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("discount + items", "Percent"),
        ("items + discount", "don't go together"),
        ("items - worked", "don't go together"),
        ("price + worked", "don't go together"),
        ("price + 5", "money(100"),
        ("price > 5", "money(100"),
        ("price * cost", "don't go together"),
        ("weight * worked", "plain()"),
        ("worked / weight", "plain()"),
        ("area % discount", "don't go together"),
        ("worked + rest", "don't go together"),
        ("items < worked", "don't go together"),
        ("street + 1", "concat()"),
        ("street * 2", "don't go together"),
        ("begins + price", "don't go together"),
        ("begins + worked", "don't go together"),
        ("begins + begins", "don't go together"),
        ("-street", "minus"),
        ("not area", "not"),
        ("area and sold", "and"),
        ("sold > sold", "equal or not"),
        ("if(area, 1, 2)", "yes or no"),
        ("if(sold, area, price)", "don't go together"),
        ("if(sold, 1)", "takes 3"),
        ("nothing", "no"),
        ("agent", "nothing that a field can hold"),
        ("traits", "nothing that a field can hold"),
        ("agent = agent", "don't go together"),
        ("ares", "Did you mean"),
        ("zzzzzz", "no field"),
        ("rund(area)", "Did you mean “round”"),
        ("frobnicate(1)", "no function"),
        ('state = "odl"', "There are: new, old"),
        ('contains(traits, "hot")', "There are: dry, warm"),
        ("round(area, width)", "written as a number"),
        ("convert(price, street)", "currency"),
        ('convert(price, "euro")', "currency"),
        ("tags", "can't calculate"),
        ("next_at", "can't calculate"),
        ("person.phones", "can't calculate"),
        ("street.length", "no link"),
        ("deal.amount", "There are many"),
        ("months(begins, worked)", "months"),
        ("area[company]", "Square brackets"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadFormula) as found:
        checked(text)
    assert says in str(found.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sum(deal.own_discount)", "don't add up"),
        ("sum(deal.own_street)", "needs numbers"),
        ("sum(amount)", "over a field of the cards"),
        ("sum(1)", "over a field of the cards"),
        ("sum(house.amount)", "no kind of cards"),
        ("sum(person.created_at)", "needs numbers"),
        ("sum(deal[owner].amount)", "no link"),
        ('sum(deal.amount, state = "won")', "deal.state"),
        ('sum(deal.amount, company.name = "x")', "deal.name"),
        ("sum(deal.amount, deal.amount)", "yes or no"),
        ('sum(deal.amount, deal.amount > money(1, "EUR"))', "make a formula"),
        ("sum(deal.amount, deal.own_area > deal.own_width + 1)", "don't go together"),
        ("sum(deal.amount, deal.own_area > deal.own_area)", "fixed values"),
        ("sum(deal.amount, deal.own_sold = (deal.own_area > 1))", "fixed values"),
        ("sum(deal.amount, sum(deal.amount) = 1)", "sum within"),
        ('sum(deal.amount, deal.state = "wun")', "There are"),
        ('sum(convert(deal.own_area, "EUR"))', "Only money"),
        ("sum(deal.amount) + 1", "don't go together"),
        ("count(deal) + share(1, 2)", "don't go together"),
    ],
)
def test_rollups_are_checked(text: str, says: str) -> None:
    every = house()
    with pytest.raises(BadFormula) as found:
        check(parse(text), every["company"], every)
    assert says in str(found.value)


def test_the_link_is_named_where_there_are_several() -> None:
    every = house()
    twice = of("link", "partner", "Partner", target="company")
    every["deal"] = replace(every["deal"], model=type("Model", (), {"specs": (*every["deal"].model.specs, twice)}))
    with pytest.raises(BadFormula, match="several ways"):
        check(parse("sum(deal.amount)"), every["company"], every)
    found = check(parse("sum(deal[partner].amount)"), every["company"], every)
    assert [one.via for one in found.uses.reads] == ["partner"]


@pytest.mark.parametrize(
    ("text", "held", "gives"),
    [
        ("price / area", {"price": Amount(Decimal(100), "EUR"), "area": Decimal(8)}, Amount(Decimal("12.5"), "EUR")),
        ("price - price * discount", {"price": Amount(Decimal(200), "EUR"), "discount": Percent(Decimal(10))},
         Amount(Decimal(180), "EUR")),
        ("discount * 2", {"discount": Percent(Decimal(10))}, Percent(Decimal(20))),
        ("area * discount", {"area": Decimal(50), "discount": Percent(Decimal(10))}, Decimal(5)),
        ("price / discount", {"price": Amount(Decimal(20), "EUR"), "discount": Percent(Decimal(10))},
         Amount(Decimal(200), "EUR")),
        ("share(cost, price)", {"price": Amount(Decimal(200), "EUR"), "cost": Amount(Decimal(50), "EUR")},
         Percent(Decimal(25))),
        ("area % 3", {"area": Decimal(10)}, Decimal(1)),
        ("round(area / 3, 2)", {"area": Decimal(10)}, Decimal("3.33")),
        ("floor(-area)", {"area": Decimal("2.5")}, Decimal(-3)),
        ("ceil(area)", {"area": Decimal("2.1")}, Decimal(3)),
        ("abs(-area)", {"area": Decimal(2)}, Decimal(2)),
        ("max(area, 3, 1)", {"area": Decimal(2)}, Decimal(3)),
        ("min(area, 3, 5)", {"area": Decimal(9)}, Decimal(3)),
        ("if(area > 1 and not sold, \"a\", \"b\")", {"area": Decimal(2), "sold": False}, "a"),
        ("if(area > 1, \"a\", \"b\")", {}, "b"),  # nothing is no "yes"
        ("area + 1", {}, None),
        ("ifempty(area, 7)", {}, Decimal(7)),
        ("ifempty(area / 0, 7)", {"area": Decimal(1)}, Decimal(7)),
        ("if(items > 0, area / items, nothing)", {"area": Decimal(1), "items": Decimal(0)}, None),
        ("coalesce(street, state, \"?\")", {"street": "", "state": ""}, "?"),
        ("concat(street, \" \", area, \" \", discount, \" \", price, \" \", begins)",
         {"street": "Main", "area": Decimal("2.50"), "discount": Percent(Decimal(5)),
          "price": Amount(Decimal(3), "USD"), "begins": date(2026, 1, 2)}, "Main 2.5 5 % 3 USD 2026-01-02"),
        ("join(\", \", street, state)", {"street": "", "state": "new"}, "new"),
        ("upper(street) + lower(\"ABC\")", {"street": "ß"}, "SSabc"),
        ("len(street)", {"street": "ёлка"}, Decimal(4)),
        ("contains(street, \"ЁЛ\")", {"street": "ёлка"}, True),
        ("contains(traits, \"warm\")", {"traits": ("warm",)}, True),
        ("street = \"MAIN\"", {"street": "main"}, True),
        ("today() + 5", {}, date(2026, 3, 15)),
        ("begins - today()", {"begins": date(2026, 3, 1)}, Decimal(-9)),
        ("days(seen, today())", {"seen": datetime(2026, 3, 8, 23, 30, tzinfo=UTC)}, Decimal(1)),  # the 9th in Berlin
        ("months(begins, 1)", {"begins": date(2026, 1, 31)}, date(2026, 2, 28)),
        ("months(begins, -13)", {"begins": date(2026, 1, 31)}, date(2024, 12, 31)),
        ("year(begins) * 100 + month(begins)", {"begins": date(2026, 1, 31)}, Decimal(202601)),
        ("date(2026, 2, 28) < begins", {"begins": date(2026, 3, 1)}, True),
        ("seen - (seen - 1)", {"seen": datetime(2026, 3, 8, tzinfo=UTC)}, Decimal(24)),
        ("convert(price, \"EUR\")", {"price": Amount(Decimal(10), "USD")}, Amount(Decimal(9), "EUR")),
        ("convert(price, \"RUB\")", {"price": Amount(Decimal(10), "USD")}, Amount(Decimal(900), "RUB")),
    ],
)  # fmt: skip
def test_values(text: str, held: dict[str, Any], gives: Any) -> None:
    assert value(text, **held) == gives


@pytest.mark.parametrize(
    ("text", "held", "why"),
    [
        ("area / items", {"area": Decimal(1), "items": Decimal(0)}, "zero"),
        ("grade % grade", {"grade": Decimal(0)}, "zero"),
        ("price + cost", {"price": Amount(Decimal(1), "EUR"), "cost": Amount(Decimal(1), "USD")}, "currencies"),
        ("price > cost", {"price": Amount(Decimal(1), "EUR"), "cost": Amount(Decimal(1), "USD")}, "currencies"),
        ('convert(price, "GBP")', {"price": Amount(Decimal(1), "EUR")}, "rate"),
        ("area * width * 1000000", {"area": Decimal(10**9), "width": Decimal(10**9)}, "large"),
        ("date(2026, 2, 30) = begins", {"begins": date(2026, 3, 1)}, "date"),
        ("months(begins, 100000)", {"begins": date(2026, 1, 31)}, "date"),
        ("begins + 99999999", {"begins": date(2026, 1, 31)}, "date"),
        ("concat(street, street)", {"street": "x" * 9000}, "long"),
        ("area + 1", {"area": "no number"}, "kinds"),
    ],
)
def test_there_is_no_value_for_a_reason(text: str, held: dict[str, Any], why: str) -> None:
    with pytest.raises(NoValue) as found:
        value(text, **held)
    assert found.value.why == why
    assert shapes.reason(why)


def test_largest_values_are_refused_by_the_field_too() -> None:
    number = of("number", "own_x", "X", stored="custom", unit="pieces")
    with pytest.raises(NoValue):
        shapes.stored(number, Decimal(10) ** 16)
    assert shapes.stored(number, Decimal("1.00005")) == 10_001
    with pytest.raises(NoValue):
        shapes.stored(of("text", "own_t", "T", stored="custom"), "x" * 301)


CURRENCIES = st.sampled_from(["EUR", "USD"])
HELD = st.fixed_dictionaries({
    "own_area": st.none() | st.decimals(-(10**14), 10**14, places=4).map(Decimal),
    "own_items": st.none() | st.decimals(-(10**14), 10**14, places=4),
    "own_price": st.none() | st.builds(Amount, st.decimals(-(10**14), 10**14, places=4), CURRENCIES),
    "own_discount": st.none() | st.decimals(-1000, 1000, places=4).map(Percent),
    "own_street": st.text(max_size=20), "own_begins": st.none() | st.dates(),
    "own_seen": st.none() | st.datetimes(timezones=st.just(UTC)), "own_sold": st.booleans(),
})  # fmt: skip
PARTS = st.sampled_from([
    "own_area", "own_items", "own_price", "own_discount", "own_street", "own_begins", "own_seen", "own_sold", "2", "0",
    '"a"', "nothing", "today()", 'money(1, "EUR")', "percent(3)",
])  # fmt: skip


def _whole(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "=", "<", "and"]), inner)
    one = st.builds("{}({})".format, st.sampled_from(["round", "abs", "len", "year", "empty", "upper", "plain"]), inner)
    two = st.builds("{}({}, {})".format, st.sampled_from(["min", "days", "months", "share", "concat", "ifempty"]),
                    inner, inner)  # fmt: skip
    return between | one | two


@given(st.recursive(PARTS, _whole, max_leaves=8), HELD)
def test_what_passes_the_check_gives_a_value_of_its_kind_or_a_reason(text: str, held: dict[str, Any]) -> None:
    every = house()
    try:
        found = check(parse(text), every["deal"], every)
    except BadFormula:
        return
    kind, unit = shapes.field_kind(found.shape)
    field = of(kind, "own_result", "Result", stored="custom", unit=unit, max_length=300)
    why = ""
    try:
        shapes.stored(field, evaluate(found, Card(held.get), AROUND))
    except NoValue as problem:
        why = problem.why
    assert why != "kinds"  # what was checked fits


def test_circles_are_found_and_the_order_follows_the_needs() -> None:
    book = Book(house(c="own_b + 1", b="own_a + 1", a="own_grade"))
    assert [one.spec.key for one in book.of("deal")] == ["own_a", "own_b", "own_c"]
    assert book.circle() == []
    assert book.touched("deal", {"own_grade"}) == {"own_a", "own_b", "own_c"}
    around = Book(house(c="own_b", b="own_a", a="own_c")).circle()
    assert around[0] == around[-1] and {key for _type, key in around} == {"own_a", "own_b", "own_c"}
    assert Book(house(a="own_a + 1")).circle() == [("deal", "own_a")] * 2


def test_circles_across_types_are_found() -> None:
    every = house(part="company.own_total / 2")
    total = replace(spec("number", "total", unit="number"), formula="sum(deal.own_part)")
    every["company"] = replace(every["company"], custom=(total,))
    assert set(Book(every).circle()) == {("deal", "own_part"), ("company", "own_total")}
