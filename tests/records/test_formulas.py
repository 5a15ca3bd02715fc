"""The language of formulas: what is written comes back, what is wrong is said with its place, nothing crashes."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.records.formulas import functions, limits
from comity.records.formulas.parsing import RESERVED, known, parse
from comity.records.formulas.printing import printed
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.tree import BINDS, Binary, Call, Name, Node, Number, Path, Text, Unary, Word

pytestmark = pytest.mark.alike

KEYS = st.sampled_from(["amount", "own_area", "deal", "company", "x1", "if", "sum"]).filter(
    lambda key: key not in RESERVED
)
NUMBERS = st.decimals(0, 10**12, places=4, allow_nan=False).map(Number)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    NUMBERS,
    st.text(max_size=12).map(Text),
    st.sampled_from([True, False, None]).map(Word),
    st.builds(Name, KEYS, st.just("") | KEYS),
    st.builds(Path, KEYS, KEYS, st.just("") | KEYS),
)


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), inner),
        st.builds(Binary, st.sampled_from(sorted(BINDS)), inner, inner),
        st.builds(Call, st.sampled_from(["if", "sum", "round", "no_such"]), st.lists(inner, max_size=3).map(tuple)),
    )


@given(st.recursive(LEAVES, _grown, max_leaves=12))
def test_what_is_printed_is_read_as_the_same(tree: Node) -> None:
    text = printed(tree)
    assert parse(text) == tree
    assert printed(parse(text)) == text


def read(text: str) -> tuple[Node | None, BadFormula | None]:
    """The tree, or what is wrong; nothing else may happen."""
    try:
        return parse(text), None
    except BadFormula as problem:
        return None, problem


@given(st.text(max_size=200))
def test_no_text_crashes(text: str) -> None:
    tree, problem = read(text)
    assert known(text) == tree
    assert tree is None or parse(printed(tree)) == tree
    assert problem is None or (problem.text and 0 <= problem.at <= len(text) + 1)


WORDS = st.sampled_from([
    "amount", "deal", ".", ",", "(", ")", "[", "]", "+", "-", "*", "/", "%", "=", "<", "<=", "and", "or", "not", "1",
    "2.5", '"won"', "'x", "sum", "if", "true", "nothing", "company", "count", "today",
])  # fmt: skip


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_no_row_of_words_crashes(text: str) -> None:
    tree, problem = read(text)
    assert tree is None or parse(printed(tree)) == tree
    assert problem is None or problem.at > 0 or not text


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("1 + 2 * 3", "1 + 2 * 3"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("not a = b and c", "not a = b and c"),
        ("NOT (a = b AND c)", "not (a = b and c)"),
        ("-a * b", "-a * b"),
        ("IF(a >= 2; b; c)", "if(a >= 2, b, c)"),
        ("a × b ÷ c − 1", "a * b / c - 1"),
        ("a <> b", "a != b"),
        ("a == b", "a = b"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("'it is \"so\"'", '"it is \\"so\\""'),
        ("sum(deal[partner].amount, deal.state = 'won')", 'sum(deal[partner].amount, deal.state = "won")'),
    ],
)
def test_how_it_is_read(text: str, reads: str) -> None:
    assert printed(parse(text)) == reads


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 0, "empty"),
        ("1,5 * 2", 1, "1.5"),
        ("max(1,5)", 5, "space behind the comma"),
        ("a < b < c", 7, "two things only"),
        ("amount +", 9, "ends too early"),
        ("(a", 3, "“)” is missing"),
        ("a b", 3, "“b” does not fit"),
        ("a.b.c", 4, "one link only"),
        ("a.", 3, "key of a field is missing"),
        ("“won”", 1, "straight quotes"),
        ('"won', 1, "no end"),
        ("9^9", 2, "no powers"),
        ("9 ** 9", 4, "does not fit"),
        ("a && b", 3, "as words"),
        ("сумма", 1, "by their keys"),
        ("__class__", 1, "no key"),
        ("a.__class__", 3, "no key"),
        ("1" * 16, 1, "too large"),
        ("2x", 1, "missing between"),
        ("a * not b", 5, "in brackets"),
        ("(" * 31 + "1", 31, "too many brackets"),
        ("-" * 40 + "1", 31, "too many brackets"),
        ("a" * (limits.LENGTH + 1), 0, "too long"),
        ("+".join(["1"] * 200), 0, "too large"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(BadFormula) as found:
        parse(text)
    assert says in found.value.text
    assert found.value.at == at or (at == 0 and "too large" in says)


def test_a_place_is_told_in_the_message() -> None:
    assert str(BadFormula("wrong", 7)) == "At sign 7: wrong"
    assert str(BadFormula("wrong")) == "wrong"


def test_every_example_reads() -> None:
    for example in functions.EXAMPLES:
        assert printed(parse(example)) == example


def test_numbers_are_exact() -> None:
    tree: Any = parse("0.1")
    assert tree.value == Decimal("0.1")
