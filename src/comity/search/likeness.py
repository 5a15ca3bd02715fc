"""Names made comparable across scripts and spellings: Иванов = Ivanov, Юрій = Yuriy = Iurii, محمد = Mohammed."""

import re
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii

from comity.kernel.text import within_one_edit
from comity.search.words import FUZZY_FROM, spaced

SLIP = 0.9  # what a name with a slip counts beside one that is the same
LONGEST = 300  # characters of a text that are compared
SURE_LETTERS = 4  # consonants in all that two scripts must have in common

# Words of legal forms that say nothing about who a company is.
LEGAL_FORMS = frozenset((
    "ооо", "оао", "зао", "пао", "ао", "ип", "нко", "тов", "тзов", "тдв", "пп", "фоп", "пат", "прат", "оод",
    "еоод", "ад", "еад", "ет", "llc", "ltd", "limited", "inc", "corp", "co", "company", "gmbh", "ag", "kg",
    "sa", "sas", "srl", "bv", "nv", "oy", "ab", "as", "spa", "pt", "cv", "tbk", "ud", "sdn", "bhd", "شركة",
    "مؤسسة", "ذمم", "شمم", "ooo", "oao", "zao", "pao", "tov", "ood", "eood",
))  # fmt: skip

# One spelling for what one sound is written like; the order matters. Single letters stand for the sounds of two.
_SOUNDS = tuple((re.compile(pattern), letter) for pattern, letter in (
    (r"shch|sch|sh|sz", "s"), (r"tsch|tch|ch|cz", "5"), (r"ts|tz", "6"), (r"zh", "z"), (r"kh", "h"), (r"gh", "g"),
    (r"th", "t"), (r"dh", "d"), (r"ph", "f"), (r"ck|c|q", "k"), (r"x", "ks"), (r"w", "v"), (r"[yj]", "i"),
    (r"ie", "e"), (r"ou", "u"), (r"([a-z])\1+", r"\1"),
))  # fmt: skip
_VOWELS = re.compile(r"[aeiou]")
_NO_LETTER = re.compile(r"[^a-z0-9~]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
# In Arabic these letters are vowels as often as consonants; the first of a word is a consonant.
_HALF_VOWELS = re.compile(r"(?<!^)[wy]")
UNVOWELLED = "~"  # begins a word of a script that leaves its vowels out


def name_words(text: str) -> list[str]:
    """The folded words of a name without legal forms, unless there is nothing else."""
    words = spaced(text[:LONGEST]).split()
    return [word for word in words if word not in LEGAL_FORMS] or words


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """A folded word as it sounds, in few Latin letters; one that has no vowels of its own begins with UNVOWELLED."""
    if word.isascii():
        return _sounded(word)
    if _ARABIC.search(word):
        return UNVOWELLED + _VOWELS.sub("", _sounded(_HALF_VOWELS.sub("", _latin(word))))
    return _sounded(_latin(word)) or word


def sounds(text: str) -> tuple[str, ...]:
    """The words of a name as they sound, in the order of letters."""
    return tuple(sorted(filter(None, map(sound, name_words(text)))))


def skeleton(words: Sequence[str]) -> str:
    """What names that may be one have in common: the consonants of their words as they sound, sorted; "" for none."""
    return " ".join(sorted(_bones(word) for word in words))


def alike(one: Sequence[str], other: Sequence[str]) -> float:
    """How far two names of `sounds` are the same: 1 for the same, SLIP when words differ by a slip, 0 for others."""
    if not one or len(one) != len(other):
        return 0.0
    if tuple(one) == tuple(other):
        return 1.0
    left, factor = list(other), 1.0
    letters = 0
    for word in one:
        match = next((each for each in left if each == word), None) or next(
            (each for each in left if _slipped(word, each)), None
        )
        if match is None:
            return 0.0
        if match != word:
            factor = SLIP
        if UNVOWELLED in word + match:
            letters += len(_bones(word))
        left.remove(match)
    crossed = any(UNVOWELLED in word for word in (*one, *other))
    return factor if not crossed or letters >= SURE_LETTERS else 0.0


def _slipped(word: str, other: str) -> bool:
    if UNVOWELLED in word + other:
        return _bones(word) == _bones(other)
    long = min(len(word), len(other)) >= FUZZY_FROM - 1 and max(len(word), len(other)) >= FUZZY_FROM
    digits = any(letter.isdigit() and letter not in "56" for letter in word + other)
    return long and not digits and within_one_edit(word, other)


def _bones(word: str) -> str:
    return _VOWELS.sub("", word.removeprefix(UNVOWELLED)) or word


def _latin(word: str) -> str:
    return _NO_LETTER.sub("", anyascii(word).lower())


def _sounded(word: str) -> str:
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return word
