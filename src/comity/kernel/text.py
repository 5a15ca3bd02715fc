"""Text made comparable: folding for search, collation keys for order, the wrong keyboard layout, small typing slips.

And several texts in one line, as the reader's language parts them.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import Any

SORT_KEY_BYTES = 400
REMEMBERED = 100  # letters of a text whose folding is kept: names come again and again

_INVISIBLE = dict.fromkeys(
    [0x00, 0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
# Arabic vowel signs, Quranic signs and the stretching stroke carry no meaning for search.
_ARABIC_SIGNS = dict.fromkeys([0x640, 0x670, *range(0x610, 0x61B), *range(0x64B, 0x653), *range(0x6D6, 0x6DD)])
_DROPPED = _INVISIBLE | _ARABIC_SIGNS
_UNIFIED = str.maketrans("ёآأإٱىة’ʼ‘`´′", "еاااايه''''''") | dict.fromkeys(range(0x653, 0x656))
_HAS_DROPPED, _HAS_UNIFIED = (re.compile(f"[{''.join(map(chr, table))}]") for table in (_DROPPED, _UNIFIED))
_CONTROLS = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0xD800, 0xE000)])
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")


def clean(text: str) -> str:
    """The text as both engines can store it: no NUL, control or half characters; line ends are \\n; NFC."""
    if text.isprintable():  # then none of these is in it
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_CONTROLS) if text.isascii() else unicodedata.normalize("NFC", text.translate(_CONTROLS))


def comma(language: str) -> str:
    """What parts the items of a list within a line, in the language of that code; the space after it included."""
    return "، " if language == "ar" else ", "


def listed(parts: Iterable[str], language: str) -> str:
    """The parts in one line, as readers of the language write a list; empty parts are left out."""
    return comma(language).join(filter(None, parts))


def fold(text: str) -> str:
    """The forgiving twin of a text for search and comparison.

    NFKC, casefolded, white space collapsed; ё = е; Arabic without vowel signs and stretching, its alef forms, final
    ya and ta marbuta unified; apostrophes alike; invisible characters dropped. Accents of other letters are kept.
    """
    if text.isascii():
        return " ".join(text.replace("\0", "").replace("`", "'").lower().split())
    return _folded(text) if len(text) < REMEMBERED else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    if _HAS_DROPPED.search(text):  # most texts have neither; to look is cheaper than to translate
        text = text.translate(_DROPPED)
    text = unicodedata.normalize("NFKC", text.casefold())
    return " ".join((text.translate(_UNIFIED) if _HAS_UNIFIED.search(text) else text).split())


def words(text: str) -> list[str]:
    """The folded words of a text in order; an apostrophe inside a word belongs to it, a hyphen parts words."""
    folded = fold(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    spaced = "".join(c if c == "'" or unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return [word for part in spaced.split() if (word := part.strip("'"))]


@cache
def _collator() -> Any:
    from pyuca import Collator  # the table takes a quarter of a second and 12 MB: only who sorts pays

    return Collator()


@cache
def _joining() -> frozenset[str]:
    """The letters that sort otherwise behind a certain letter: a text with one is looked at as a whole."""
    found, below = set[str](), list(_collator().table.root.children.values())
    while below:
        children = below.pop().children or {}
        found |= {chr(code) for code in children if unicodedata.combining(chr(code)) == 0}
        below += children.values()
    return frozenset(found)


@lru_cache(maxsize=4096)
def _weights(letter: str) -> tuple[bytes, bytes, bytes] | None:
    """What one letter adds to each level of a key; None where that depends on the letters beside it."""
    apart = unicodedata.normalize("NFD", letter)
    if unicodedata.combining(apart[0]) or not _joining().isdisjoint(apart):
        return None
    elements = _collator().collation_elements(apart)
    levels = [[weights[level] for weights in elements if weights[level]] for level in range(3)]
    return tuple(struct.pack(f">{len(one)}H", *one) for one in levels)  # type: ignore[return-value]


def sort_key(text: str) -> bytes:
    """Unicode collation key (UCA/DUCET): comparing the bytes gives the order of the weights; at most 400 bytes."""
    text = text[:SORT_KEY_BYTES]
    known = [_weights(letter) for letter in text]
    if None not in known:  # the same as below, put together of what each letter gives
        levels = zip(*known, strict=True) if known else ((), (), ())
        whole = b"\0\0".join(map(b"".join, levels)) + b"\0\0"
        return whole[:SORT_KEY_BYTES]
    weights = _collator().sort_key(text)[: SORT_KEY_BYTES // 2]
    return struct.pack(f">{len(weights)}H", *weights)


# Keys in the same physical order on every layout; the Arabic key B gives two letters.
_QWERTY = "`qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_QWERTY_SHIFT = '~QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_LAYOUTS = (
    "ё й ц у к е н г ш щ з х ъ \\ ф ы в а п р о л д ж э я ч с м и т ь б ю .",  # Russian
    "' й ц у к е н г ш щ з х ї ґ ф і в а п р о л д ж є я ч с м и т ь б ю .",  # Ukrainian
    "ч я в е р т ъ у и о п ш щ ю а с д ф г х й к л ; ' з ь ц ж б н м , . /",  # Bulgarian, traditional phonetic
    "ю ч ш е р т ъ у и о п я щ ь а с д ф г х й к л ; ' з ж ц в б н м , . /",  # Bulgarian, phonetic of 2006
    "( , у е и ш щ к с д з ц ; „ ь я а о ж г т н в м ч ю й ъ э ф х п р л б",  # Bulgarian, BDS 5237
    "ذ ض ص ث ق ف غ ع ه خ ح ج د \\ ش س ي ب ل ا ت ن م ك ط ئ ء ؤ ر لا ى ة و ز ظ",  # Arabic 101
)


@cache
def _layout_tables() -> list[tuple[dict[int, str], dict[int, str]]]:
    """Per layout: QWERTY characters to its letters, and its letters to QWERTY."""
    tables = []
    for layout in _LAYOUTS:
        keys = layout.split()
        there = {ord(a): b for row in (_QWERTY, _QWERTY_SHIFT) for a, b in zip(row, keys, strict=True)}
        back = {ord(b): a for a, b in zip(_QWERTY, keys, strict=True) if len(b) == 1}
        tables.append((there, back))
    return tables


def other_layouts(text: str) -> list[str]:
    """What the same keys give on another layout (QWERTY to and from ru, uk, bg, ar): folded, distinct, not itself."""
    typed = unicodedata.normalize("NFKC", text).lower()
    letters = {ord(c) for c in typed if c.isalpha()}
    found: dict[str, None] = {}
    for there, back in _layout_tables():
        if letters and letters <= there.keys():
            found[fold(typed.translate(there))] = None
        if letters and letters <= back.keys():
            found[fold(typed.replace("لا", "b").translate(back))] = None
            found[fold(typed.translate(back))] = None
    found.pop(fold(text), None)
    return list(found)


def within_one_edit(a: str, b: str) -> bool:
    """True if one wrong, missing, extra or two swapped adjacent letters (or nothing) part the two words."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) < len(b):
        return rest_a == rest_b[1:]
    return rest_a[1:] == rest_b[1:] or (rest_a[1::-1] == rest_b[:2] and rest_a[2:] == rest_b[2:])


_BLOCKS = re.compile("address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tr|ul")
_UNSEEN = frozenset(("script", "style", "head", "template", "title"))


class _TextOnly(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag == "body":
            self.unseen = 0  # an unclosed <style> must not swallow what follows

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def strip_html(text: str) -> str:
    """The readable text of an HTML fragment, one line per block: for search and previews, never a safety filter."""
    parser = _TextOnly()
    parser.feed(text)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def whole_number(text: str) -> int:
    """The number an address or a form brings; 0 for anything else, and for more digits than a base can count."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
