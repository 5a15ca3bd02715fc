"""The demo company loads in each of the six languages, and says the same in all."""

import re

import pytest

from comity.packs import demo
from comity.packs.demo.words import Words
from comity.parties.companies.model import Company
from comity.parties.people.model import Person
from comity.records.labels import LANGUAGES
from support.demo import assert_invented

pytestmark = pytest.mark.alike
LATER = [pytest.param(one, marks=pytest.mark.full) for one in ("ru", "uk", "bg", "id")]


# Loading takes seconds: beside the English one of test_demo.py one language each time, the others in the full run.
@pytest.mark.parametrize("language", ["ar", *LATER])
@pytest.mark.django_db
def test_loads_in_every_language(language: str) -> None:
    demo.load(language)
    assert_invented(language)
    assert Company.unguarded.filter(deleted_at=None).count() == 120
    assert Person.unguarded.filter(deleted_at=None).count() == 200


def test_every_language_says_the_same() -> None:
    english = Words.of("en")
    for language in LANGUAGES:
        words = Words.of(language)
        assert set(words.raw) == set(english.raw)
        assert len({name for name, _latin in words.firms}) == len({latin for _name, latin in words.firms}) == 120
        for key in ("given_m", "given_f", "family", "cities", "streets"):
            assert len(words[key]) == len(english[key]), (language, key)
        for key in ("teams", "about", "notes", "views", "files", "users", "tags"):
            several = words[key].split(", ") if key == "tags" else words[key]
            wanted = english[key].split(", ") if key == "tags" else english[key]
            assert len(several) == len(wanted), (language, key)
        for key, value in english["sales"].items():
            assert isinstance(value, str) or len(words["sales"][key]) == len(value), (language, key)
        for note, original in zip(words["notes"], english["notes"], strict=True):
            assert re.findall(r"@\{\w+\}", note) == re.findall(r"@\{\w+\}", original)
