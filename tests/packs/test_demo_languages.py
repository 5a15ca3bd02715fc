"""The demo company loads in each of the six languages, and says the same in all."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.packs import demo
from comity.packs.demo.words import Words
from comity.records.labels import LANGUAGES
from support.demo import assert_invented
from support.installation import PATIENCE, Installation

pytestmark = pytest.mark.alike
TESTS = str(Path(__file__).parent.parent)
LOOK = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
import django
django.setup()
from support.demo import assert_invented
assert_invented("ru")
"""


# Loading takes seconds: beside the English one of test_demo.py the Russian one, which test_whole_base.py needs too, is
# looked at each time, the others in the full run.
def test_loads_in_russian(make_installation: Callable[..., Installation]) -> None:
    made = make_installation().made_by("demo", "--language", "ru")
    done = subprocess.run(
        [made.python, "-c", LOOK], cwd=made.home, capture_output=True, text=True, timeout=PATIENCE,
        env={**made.environment, "PYTHONPATH": TESTS},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.full
@pytest.mark.parametrize("language", ["uk", "bg", "id", "ar"])
@pytest.mark.django_db
def test_loads_in_every_language(language: str) -> None:
    demo.load(language)
    assert_invented(language)


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
