"""The terms of docs/glossary.md and the labels in the code: six languages each, in line, nothing left in English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.access.defaults import ROLES
from comity.parties import relations as party_relations
from comity.parties.companies.model import KINDS
from comity.parties.companies.record_type import COMPANY
from comity.parties.people.record_type import PERSON
from comity.records import relations, types
from comity.records.labels import LANGUAGES, Label

ROOT = Path(__file__).parents[2]
# Words that are written alike in English: key is the language.
LOANS = {"id": {"Status", "Formal", "Prof.", "Token", "Webhook"}}
CYRILLIC, ARABIC = re.compile("[а-яёіїєґ]", re.I), re.compile("[\u0621-\u064a]")


def labels() -> Iterator[tuple[str, Label]]:
    """Every label of shipped types, fields, choices, relation kinds and roles, with where it stands."""
    for record_type in types.all_types():
        yield record_type.key, record_type.label
        yield f"{record_type.key}s", record_type.plural
        for spec in record_type.specs:
            yield f"{record_type.key}.{spec.key}", spec.label
            if spec.help:
                yield f"{record_type.key}.{spec.key} help", spec.help
            for choice in spec.choices:
                yield f"{record_type.key}.{spec.key}={choice.key}", choice.label
    for kind in (relations.RELATED, party_relations.WORKS_AT, party_relations.PARENT):
        yield f"{kind.key} forward", kind.forward
        yield f"{kind.key} backward", kind.backward
        for role in kind.roles:
            yield f"{kind.key} {role.key}", role.label
    for shipped in ROLES:
        yield f"role {shipped.key}", shipped.name


def terms() -> dict[str, dict[str, str]]:
    """The glossary: {English term: {language: word}}."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {row[0]: dict(zip(LANGUAGES, row, strict=True)) for row in rows if row[0] != "Term"}


def speaks(where: str, texts: dict[str, str]) -> None:
    """A text per language, in its own letters."""
    assert set(texts) == set(LANGUAGES), where
    assert all(texts.values()), where
    for language in ("ru", "uk", "bg"):
        assert CYRILLIC.search(texts[language]), (where, language)
    assert ARABIC.search(texts["ar"]), where
    if texts["id"] == texts["en"]:
        assert texts["id"] in LOANS["id"], (where, "English in Indonesian")


@pytest.mark.parametrize(("where", "label"), list(labels()), ids=lambda one: one if isinstance(one, str) else "")
def test_labels_speak_six_languages(where: str, label: Label) -> None:
    speaks(where, label.texts)
    most = 120 if where.endswith(" help") else 40  # a help is a sentence
    assert all(text == text.strip() and len(text) <= most for text in label.texts.values()), where


def test_the_glossary_speaks_six_languages() -> None:
    assert len(terms()) >= 60
    for term, texts in terms().items():
        speaks(term, texts)


def test_letters_of_another_language_do_not_slip_in() -> None:
    foreign = {"ru": "іїєґ", "uk": "ыэъё", "bg": "ыэёіїєґ"}
    every = [(where, label.texts) for where, label in labels()] + list(terms().items())
    for where, texts in every:
        for language, letters in foreign.items():
            assert not set(letters) & set(texts[language].lower()), (where, language)


def test_glossary_and_labels_are_in_line() -> None:
    roles = {role.key: role.name for role in ROLES}
    kinds = {kind.label["en"]: kind.label for kind in KINDS}
    in_code = {
        "Company": COMPANY.label, "Person": PERSON.label, "People": PERSON.plural,
        "Owner": COMPANY.spec("owner").label, "Team": COMPANY.spec("team").label, "Tags": COMPANY.spec("tags").label,
        "Related": relations.RELATED.forward, "Manager": roles["manager"], "Head of a team": roles["head"],
        **{name: kinds[name] for name in ("Customer", "Prospect", "Partner", "Supplier", "Competitor")},
    }  # fmt: skip
    written = terms()
    for term, label in in_code.items():
        assert written[term] == label.texts, term
