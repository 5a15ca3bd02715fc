"""What was typed, as phrases to look for: whole words, fragments, phone numbers, slips and the wrong layout.

A phrase is looked for inside texts of `spaced` form, so a leading or trailing space in it is the edge of a word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from comity.kernel.phones import digits
from comity.kernel.text import other_layouts, within_one_edit, words

TRIGRAM = 3  # shorter phrases cannot be looked up, only tested
FUZZY_FROM = 5  # letters a word must have to be forgiven a slip
PHONE_FROM = 4  # digits that make a phone fragment
MOST_TOKENS = 8
_PHONE = re.compile(r"[+(\d][\d\s().\-/+]*")

Alternative = tuple[str, ...]  # phrases that must all be there


@dataclass(frozen=True)
class Token:
    """One word of the query: found when all phrases of any of its alternatives are there."""

    word: str
    alternatives: tuple[Alternative, ...]
    fuzzy: bool = False

    def within(self, text: str) -> bool:
        """Whether a spaced text has it; a fuzzy one also counts words that are one wrong or swapped letter away."""
        if self.fuzzy:
            return self.word in text or any(
                abs(len(one) - len(self.word)) < 2 and within_one_edit(self.word, one) for one in text.split()
            )
        return any(all(phrase in text for phrase in one) for one in self.alternatives)

    def begins(self, text: str) -> bool:
        """Whether a word of the text begins with it."""
        return any(f" {one[0].strip()}" in text for one in self.alternatives if len(one) == 1)


Reading = tuple[Token, ...]  # tokens that must all be found


def spaced(text: str) -> str:
    """The folded words of a text with one space before, between and after them; "" when it has none."""
    found = words(text)
    return f" {' '.join(found)} " if found else ""


def readings(query: str) -> list[Reading]:
    """The ways to understand what was typed as it stands: as words, and as one phone number written with gaps."""
    parts = query.split()[:MOST_TOKENS]
    tokens = tuple(token for part in parts if (token := _token(part)))
    found = [tokens] if tokens else []
    number = digits(query)
    if len(parts) > 1 and len(number) >= PHONE_FROM and _PHONE.fullmatch(query.strip()):
        found.insert(0, (Token(number, _phone(number)),))
    return found


def forgiving(query: str) -> list[tuple[str, Reading]]:
    """Further ways for when little was found, each with its kind: "layout" (other keys meant) and "fuzzy" (a slip)."""
    found = [("layout", reading) for other in other_layouts(query) for reading in readings(other)]
    for reading in readings(query):
        tokens = tuple(_forgive(token) for token in reading)
        if tokens != reading:
            found.append(("fuzzy", tokens))
    return found


def slips(word: str) -> Token:
    """A token for one word that forgives a slip when the word is long enough."""
    token = Token(word, ((_phrase(word),),))
    return _forgive(token)


def indexable(reading: Reading) -> bool:
    """Whether the index can narrow the reading down."""
    return any(_narrows(token) for token in reading)


def wanted(reading: Reading) -> list[list[Alternative]]:
    """The reading as the index can take it: tokens, each with its alternatives, phrases long enough for a lookup."""
    return [
        [tuple(phrase for phrase in one if len(phrase) >= TRIGRAM) for one in token.alternatives]
        for token in reading
        if _narrows(token)
    ]


def satisfied(reading: Reading, texts: Iterable[str]) -> bool:
    """Whether every token stands in one of the texts."""
    texts = tuple(texts)
    return all(any(token.within(text) for text in texts) for token in reading)


def _narrows(token: Token) -> bool:
    return all(any(len(phrase) >= TRIGRAM for phrase in one) for one in token.alternatives)


def _phrase(norm: str) -> str:
    return norm if len(norm) >= TRIGRAM else f" {norm}"  # a short one counts at the beginning of words only


def _token(part: str) -> Token | None:
    number = digits(part)
    if len(number) >= PHONE_FROM and _PHONE.fullmatch(part):
        return Token(number, (*_phone(number), *(((" ".join(words(part)),),) if number != part else ())))
    norm = " ".join(words(part))
    return Token(norm, ((_phrase(norm),),)) if norm else None


def _phone(number: str) -> tuple[Alternative, ...]:
    """The digits as typed, and without the national prefix: 8 916 is +7 916, 0 888 is +359 888, 00 44 is +44."""
    forms = [number]
    if number.startswith("8"):
        forms.append(f"7{number[1:]}")
    bare = number.lstrip("0")
    if bare != number and len(bare) >= PHONE_FROM:
        forms.append(bare)
    return tuple((form,) for form in forms)


def _forgive(token: Token) -> Token:
    word = token.word
    if len(word) < FUZZY_FROM or " " in word or any(letter.isdigit() for letter in word):
        return token
    return Token(word, (*token.alternatives, *_one_edit(word)), fuzzy=True)


def _one_edit(word: str) -> list[Alternative]:
    """Phrases that one of must be in the text when a word of it differs by one edit.

    An edit inside one piece of the word leaves what stands before and after that piece whole. A swap over the border
    of two pieces touches both, so it is spelled out. Longer words are cut into longer pieces: fewer questions.
    """
    size = 1 if len(word) < 10 else 2
    found: dict[Alternative, None] = {}
    for start in range(0, len(word), size):
        rests = (f" {word[:start]}", f"{word[start + size :]} ")
        found[tuple(rest for rest in rests if len(rest) >= TRIGRAM)] = None
    for i in range(size, len(word), size):
        found[(f" {word[: i - 1]}{word[i]}{word[i - 1]}{word[i + 1 :]} ",)] = None
    return list(found)
