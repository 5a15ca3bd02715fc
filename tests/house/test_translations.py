"""The catalogues of the five languages beside English: whole, up to date, safe to print, compiled."""

import ast
import importlib.util
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, c2py
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

pytestmark = pytest.mark.alike
ROOT = Path(__file__).parents[2]
PLURAL_FORMS = {"ru": 3, "uk": 3, "bg": 2, "id": 1, "ar": 6}
LANGUAGES = tuple(PLURAL_FORMS)
HOLDERS = re.compile(r"%\(\w+\)s|%s")
# Texts are printed as trusted HTML and stand in attributes.
UNSAFE = re.compile(r'["<>&]')
# Written as in English: the name of the product, and words that are the same in a language.
SAME = {
    "*": {"Comity", "Comity (%(part)s)", "%(pipeline)s: %(stage)s", "%(deals)s, %(money)s"},
    "ru": set(),
    "uk": set(),
    "bg": set(),
    "id": {
        "%(n)s MB", "%(n)s kB", "%(n)s ms", "kg", "l", "m", "m²", "m³",
        "Log", "Program", "Server", "Status", "Token", "Webhook",
    },
    "ar": set(),
}  # fmt: skip
FOREIGN_MARKS = {"ar": re.compile(r"[,;?](?!\w)"), "ru": re.compile("[іїєґ]"), "uk": re.compile("[ыэёъ]"),
                 "bg": re.compile("[ыэё]")}  # fmt: skip


@cache
def tool() -> ModuleType:
    """tools/locale.py; its name is taken by a module of Python, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "tools" / "locale.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@cache
def template() -> Catalog:
    """Every text of the source."""
    found: Catalog = tool().gathered()
    return found


@cache
def catalogue(language: str) -> Catalog:
    """A catalogue as it is committed."""
    with tool().path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def texts(language: str) -> list[Message]:
    """The catalogue's messages without its header."""
    return [message for message in catalogue(language) if message.id]


def forms(message: Message) -> tuple[str, ...]:
    """The translations of a message: one, or one for each plural form."""
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def test_the_tool_and_this_test_know_the_same_languages() -> None:
    assert tool().LANGUAGES == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_the_texts_of_the_source_and_no_others(language: str) -> None:
    wanted = {(message.context, message.id) for message in template() if message.id}
    assert {(message.context, message.id) for message in texts(language)} == wanted
    assert tool().path_of(language).read_bytes() == tool().po_text(tool().updated(language, template()))


def test_every_text_marked_in_python_is_gathered() -> None:
    """The gathering tool reads no f-strings: a text marked within one would stay English."""
    gathered = {one for message in template() for one in ((message.id,) if isinstance(message.id, str) else message.id)}
    gathered |= {message.context for message in template() if message.context}
    lost = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tool().KEYWORDS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value not in gathered:
                    lost.append(f"{path.name}:{node.lineno} {first.value!r}")
    assert not lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert not [message.id for message in texts(language) if not all(forms(message)) or message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    assert catalogue(language).num_plurals == PLURAL_FORMS[language]
    assert {len(forms(one)) for one in texts(language) if one.pluralizable} == {PLURAL_FORMS[language]}
    assert not [one.id for one in texts(language) if not one.pluralizable and len(forms(one)) != 1]
    assert {form_of(language)(n) for n in range(1000)} == set(range(PLURAL_FORMS[language]))


@cache
def form_of(language: str) -> Callable[[int], int]:
    """The function from a number to its plural form, as Python reads it out of the catalogue's header."""
    return c2py(catalogue(language).plural_expr)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_kept(language: str) -> None:
    """Each as often as in English; only a form that serves a single number may say it as a word."""
    served = Counter(form_of(language)(n) for n in range(1000))
    wrong = []
    for message in texts(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = Counter(HOLDERS.findall(ids[-1]))
        for n, form in enumerate(forms(message)):
            found = Counter(HOLDERS.findall(form))
            said = message.pluralizable and served[n] == 1 and not found - wanted and (wanted - found).total() <= 1
            if form and found != wanted and not said:
                wrong.append((ids[0], form))
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_safe_in_pages(language: str) -> None:
    """No sign that HTML reads, no stray percent sign, no spaces at the ends."""
    assert not [
        form for message in texts(language) for form in forms(message)
        if UNSAFE.search(form) or "%" in HOLDERS.sub("", form) or form != form.strip()
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stays_english(language: str) -> None:
    allowed = SAME["*"] | SAME[language]
    same = [message.id for message in texts(language) if message.string == message.id]
    assert not [text for text in same if text not in allowed]


@pytest.mark.parametrize("language", list(FOREIGN_MARKS))
def test_letters_and_marks_are_those_of_the_language(language: str) -> None:
    foreign = FOREIGN_MARKS[language]
    assert not [form for message in texts(language) for form in forms(message) if foreign.search(form.lower())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_says_the_same(language: str) -> None:
    with tool().path_of(language, "mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for message in texts(language):
        if isinstance(message.id, tuple):
            said = [compiled.ngettext(*message.id, n) for n in range(200)]
            assert said == [forms(message)[form_of(language)(n)] for n in range(200)]
        elif message.context:
            assert compiled.pgettext(message.context, message.id) == message.string
        else:
            assert compiled.gettext(message.id) == message.string


@pytest.mark.parametrize(("number", "words"), [(0, "لا بطاقات"), (2, "بطاقتان"), (7, "7 بطاقات"), (12, "12 بطاقة")])
def test_django_counts_in_arabic(number: int, words: str) -> None:
    """Django's own catalogue orders the six forms another way than ours; each is read by its own header."""
    from django.utils.translation import ngettext, override

    with override("ar"):
        assert ngettext("%(n)s card", "%(n)s cards", number) % {"n": number} == words


def test_a_word_may_depend_on_what_it_names() -> None:
    """Languages with one word for the name of a person and another for the name of a thing have both."""
    from django.utils.translation import gettext, override, pgettext

    with override("ru"):
        assert (pgettext("of a person", "Name"), gettext("Name")) == ("Имя", "Название")
    with override("en"):
        assert pgettext("of a person", "Name") == "Name"
