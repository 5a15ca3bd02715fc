"""Names written in one line, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.text import fold
from comity.parties.people.names import take_apart


def apart(name: str) -> tuple[str, str, str]:
    found = take_apart(name)
    return found.get("given_name", ""), found.get("patronymic", ""), found.get("family_name", "")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Mara Sample", ("Mara", "", "Sample")),
        ("Sample, Mara", ("Mara", "", "Sample")),
        ("Anna Maria Beck", ("Anna Maria", "", "Beck")),
        ("John van Dyke", ("John", "", "van Dyke")),
        ("john smith", ("john", "", "smith")),
        ("Suharto", ("Suharto", "", "")),
        ("Иван Петров", ("Иван", "", "Петров")),
        ("Петров Иван", ("Иван", "", "Петров")),
        ("Бойко Галина", ("Галина", "", "Бойко")),
        ("Ковалёва Марина", ("Марина", "", "Ковалёва")),
        ("Иванов Иван Петрович", ("Иван", "Петрович", "Иванов")),
        ("Иван Петрович Иванов", ("Иван", "Петрович", "Иванов")),
        ("Мария Ильинична", ("Мария", "Ильинична", "")),
        ("Петров, Иван Ильич", ("Иван", "Ильич", "Петров")),
        ("Шевченко Оксана Андріївна", ("Оксана", "Андріївна", "Шевченко")),
        ("Димитър Стоянов", ("Димитър", "", "Стоянов")),
        ("محمد علي", ("محمد", "", "علي")),
        ("عبد الله محمد الأحمد", ("عبد الله", "", "محمد الأحمد")),
        ("", ("", "", "")),
        (" , ", ("", "", "")),
        ("Sample,", ("Sample", "", "")),
    ],
)
def test_names_in_their_parts(name: str, parts: tuple[str, str, str]) -> None:
    assert apart(name) == parts


@pytest.mark.parametrize(
    ("name", "title"),
    [("Dr. Anna Beck", "dr"), ("Mr John Smith", "mr"), ("Г-жа Петрова", "ms"), ("Bapak Budi", "mr"), ("Dr.", None),
     ("Anna Beck", None)],
)  # fmt: skip
def test_how_somebody_is_addressed_is_no_part_of_the_name(name: str, title: str | None) -> None:
    found = take_apart(name)
    assert found.get("salutation") == title
    assert title is None or not found["given_name"].startswith(name.split()[0])


@given(st.lists(st.sampled_from(["Anna", "Иван", "Петров", "van", "Ильич", "محمد", "عبد", ",", "Mr", "Ковалёва"])))
def test_no_word_is_lost(words: list[str]) -> None:
    found = take_apart(" ".join(words))
    title = 1 if found.pop("salutation", "") else 0
    kept = sorted(" ".join(found.values()).split())
    assert len(kept) == len([word for word in words if word != ","]) - title
    assert set(map(fold, kept)) <= set(map(fold, words))
