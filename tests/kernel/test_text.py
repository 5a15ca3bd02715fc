"""Folding, order, layouts and slips of typing."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyuca import Collator

from comity.kernel import text

COLLATOR = Collator()
NAMES = st.text(alphabet="абвгдеёжзийіїєґАБЁЙabcßé ÄñZз-'0129ابتأ中", max_size=14)


@pytest.mark.parametrize(
    ("given_text", "folded"),
    [
        ("  Иван\u00a0 ПЁТР\n", "иван петр"),
        ("Е\u0308лка", "елка"),
        ("Café", "café"),
        ("ＡＢＣ ﬁrm", "abc firm"),
        ("Straße", "strasse"),
        ("مُحَمَّد", "محمد"),
        ("أحـــمد آل إبراهيم", "احمد ال ابراهيم"),
        ("فاطمة", "فاطمه"),
        ("пʼять п’ять", "п'ять п'ять"),
        ("A\u200bB\0C", "abc"),
        ("Plain  ASCII", "plain ascii"),
    ],
)
def test_fold(given_text, folded):
    assert text.fold(given_text) == folded


@given(NAMES)
def test_folding_twice_changes_nothing_and_case_does_not_matter(name):
    assert text.fold(text.fold(name)) == text.fold(name)
    assert text.fold(name.upper()) == text.fold(name.lower())


@given(NAMES, NAMES)
def test_sort_keys_order_as_the_collation_does(a, b):
    by_bytes = (text.sort_key(a) > text.sort_key(b)) - (text.sort_key(a) < text.sort_key(b))
    whole_a, whole_b = COLLATOR.sort_key(a), COLLATOR.sort_key(b)
    assert by_bytes == (whole_a > whole_b) - (whole_a < whole_b)


def test_sort_key_of_names_and_its_cap():
    names = ["Яна", "ёж", "Елена", "Ёлка", "zeta", "Алла", "Émile", "eva", "ель"]
    assert sorted(names, key=text.sort_key) == ["Émile", "eva", "zeta", "Алла", "ёж", "Елена", "Ёлка", "ель", "Яна"]
    assert len(text.sort_key("длинно" * 1000)) == text.SORT_KEY_BYTES


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bdfyjd", "иванов"),
        ("Bdfyjd", "иванов"),
        (";erjd", "жуков"),
        (":erjd", "жуков"),
        ("шмфт", "ivan"),
        ("sdfyjd", "іванов"),
        ("]qcf", "їйса"),
        ("iwan", "иван"),
        ("rldk", "иван"),
        ("иван", "ivan"),
        ("shgl", "سالم"),
        ("hgb", "اللا"),
        ("سالم", "shgl"),
        ("لاخلا", "bob"),
    ],
)
def test_wrong_layout_is_understood(typed, meant):
    assert text.fold(meant) in text.other_layouts(typed)


def test_wrong_layout_gives_distinct_folded_others_only():
    found = text.other_layouts("Ghbdtn")
    assert "привет" in found
    assert len(found) == len(set(found))
    assert all(candidate == text.fold(candidate) for candidate in found)
    assert text.fold("Ghbdtn") not in found
    assert text.other_layouts("2024 15") == []
    assert text.other_layouts("中文") == []


def test_words():
    assert text.words("Smith-Jones, O'Brien (ООО «Ёлка») 'q'") == ["smith", "jones", "o'brien", "ооо", "елка", "q"]
    assert text.words("п’ять हिन्दी") == ["п'ять", "हिन्दी"]
    assert text.words("ann_lee@firm.ru 42") == ["ann", "lee", "firm", "ru", "42"]


@pytest.mark.parametrize(
    "other", ["иванов", "ивонов", "ивнов", "иваннов", "виванов", "ивановв", "вианов", "ивано", "иваонв"]
)
def test_one_slip_is_forgiven(other):
    assert text.within_one_edit("иванов", other)
    assert text.within_one_edit(other, "иванов")


@pytest.mark.parametrize("other", ["ивоноф", "иван", "вианово", "ваинов", "ионавв", "воинов", ""])
def test_two_slips_are_not(other):
    assert not text.within_one_edit("иванов", other)
    assert not text.within_one_edit(other, "иванов")


def _one_edit_away(word):
    letters = "abc"
    yield word
    for i in range(len(word) + 1):
        for letter in letters:
            yield word[:i] + letter + word[i:]
            yield word[:i] + letter + word[i + 1 :]
        yield word[:i] + word[i + 1 :]
        if i + 1 < len(word):
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_edit_agrees_with_making_all_edits(a, b):
    assert text.within_one_edit(a, b) == (b in set(_one_edit_away(a)))


def test_clean_keeps_what_both_engines_store():
    assert text.clean("a\r\nb\rc\td\0\x07\ud800e") == "a\nb\nc\tde"
    assert text.clean("Е\u0308") == "Ё"


def test_strip_html():
    html = (
        "<head><title>x</title></head><p>Hello&nbsp;<b>wor</b>ld &lt;3</p><script>alert(1)</script><ul><li>a<li>b</ul>"
    )
    assert text.strip_html(html) == "Hello world <3\na\nb"
    assert text.strip_html("1 < 2") == "1 < 2"


def test_a_list_in_a_line_has_the_comma_of_its_language_and_no_gaps() -> None:
    parts = ["one", "", "two"]
    assert {code: text.listed(parts, code) for code in ("en", "ru", "ar")} == {
        "en": "one, two", "ru": "one, two", "ar": "one، two",
    }  # fmt: skip
    assert text.listed([], "ar") == ""


LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs", "Cn"]),
    st.sampled_from("йёїЙàñçß·lLเกแข가漢がガ\u0301\u0306\u0323\u0344\u0f71\u0f73\u0fb2\u0fb3\u09c7\u09be"),
)


@given(st.text(LETTERS, max_size=20))
def test_a_sort_key_put_together_letter_by_letter_is_that_of_the_whole_text(typed):
    weights = COLLATOR.sort_key(typed)[: text.SORT_KEY_BYTES // 2]
    assert text.sort_key(typed) == struct.pack(f">{len(weights)}H", *weights)
