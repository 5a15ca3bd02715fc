"""In which encoding a text file is: by its mark, by being valid UTF-8, by zeros, else by the letters it gives.

General detectors guess among a hundred encodings and take a short list of names for Big5; a table of clients is in one
of a few, and these are told apart by how their languages write: the common letters, small ones after large ones, no
alphabets mixed within a word.
"""

import codecs
import re
from itertools import pairwise
from pathlib import Path

CHOICES = (
    "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1251", "koi8-u", "koi8-r", "cp866", "mac-cyrillic", "cp1252",
    "cp1250", "cp1256", "cp1254", "cp1253", "cp1255", "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-6", "ascii",
)  # fmt: skip
_BLOCK = 512 * 1024
_SAMPLE = 256 * 1024

_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъіїєґё"
_ARABIC = "اليمونرتبةعدسفهكقحجشصطخغذزثئءضظؤأإآى"
_WESTERN = "éèàüäößçñáíóúêâôîûåøæëïãõœìòùÿ"
_CENTRAL = "áéíóúýčďěňřšťůžąćęłńóśźżőűăâîșțşţ"
# The candidates with the letters that speak for them; the first of equals wins.
_CANDIDATES = (
    ("cp1251", _CYRILLIC), ("koi8-u", _CYRILLIC), ("cp866", _CYRILLIC), ("mac-cyrillic", _CYRILLIC),
    ("cp1256", _ARABIC), ("cp1252", _WESTERN), ("cp1250", _CENTRAL),
)  # fmt: skip
_SIGNS = frozenset("«»„“”‘’–—№€£©®°·…§±\xa0™،؛؟ـ")
_WORDS = re.compile(r"[^\W\d_]+")


def detect(path: Path) -> str:
    """The encoding to read the file with; "utf-8-sig" and "utf-16" forms where its first bytes say so."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if found := without_mark(head):
        return found
    valid, sample = _utf8(path)
    return "utf-8" if valid else _eight_bits(sample)


def of_bytes(content: bytes) -> str:
    """The encoding of a short text without a mark: UTF-8 where it is valid, else by its letters."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bits(content)
    return "utf-8"


def without_mark(head: bytes) -> str:
    """UTF-16 without its mark: every second byte of ordinary signs is zero."""
    if b"\0" not in head or len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    signs = max(head.count(b"\n\0"), head.count(b";\0"), head.count(b",\0"), head.count(b"\t\0"))
    twins = max(head.count(b"\0\n"), head.count(b"\0;"), head.count(b"\0,"), head.count(b"\0\t"))
    half = len(head) // 2
    if odd > half // 20 and odd > even * 4 and signs:
        return "utf-16-le"
    if even > half // 20 and even > odd * 4 and twins:
        return "utf-16-be"
    return ""


def _utf8(path: Path) -> tuple[bool, bytes]:
    """Whether the file is UTF-8 but for few broken places, and the lines that are not ASCII, for a closer look."""
    wrong = right = 0
    sample = bytearray()
    with path.open("rb") as file:
        rest = b""
        while block := file.read(_BLOCK):
            whole, cut, rest_next = (rest + block).rpartition(b"\n")
            lines, rest = (whole + cut, rest_next) if cut else (rest + block, b"")
            if lines.isascii():
                continue
            text = lines.decode("utf-8", "replace")
            wrong += text.count("\ufffd") - lines.count(b"\xef\xbf\xbd")
            right += len(lines) - len(text)
            if wrong and len(sample) < _SAMPLE:
                sample += b"\n".join(line for line in lines.split(b"\n") if not line.isascii())
            if len(sample) >= _SAMPLE and wrong > right:
                break
        if rest and not rest.isascii():
            text = rest.decode("utf-8", "replace")
            wrong += text.count("\ufffd")
            right += len(rest) - len(text)
            sample += rest
    # A few broken bytes in a long file are named row by row; letters of another encoding are never valid in number.
    return wrong * 20 <= right, bytes(sample[:_SAMPLE])


def _eight_bits(sample: bytes) -> str:
    best, chosen = float("-inf"), "cp1252"
    for name, letters in _CANDIDATES:
        score = _score(sample.decode(name, "replace"), letters)
        if score > best:
            best, chosen = score, name
    return chosen


def _score(text: str, letters: str) -> float:
    """How well a decoded text reads: points per letter beyond ASCII, minus what no language writes."""
    ranks = {letter: 1.0 - place / len(letters) for place, letter in enumerate(letters)}
    points, seen = 0.0, 0
    for sign in text:
        if sign < "\x80":
            continue
        seen += 1
        if (rank := ranks.get(sign.lower())) is not None:
            points += rank if sign.islower() or sign.lower() == sign.upper() else rank * 0.95
        elif sign == "\ufffd" or "\x80" <= sign <= "\x9f":
            points -= 3
        elif sign not in _SIGNS:
            points -= 0.5 if sign.isalpha() else 1.5
    for word in _WORDS.findall(text):
        if not word.isascii():
            points -= _oddness(word)
    return points / (seen or 1)


def _oddness(word: str) -> float:
    scripts = {_script(sign) for sign in word}
    odd = 4.0 * (len(scripts) - 1)
    if scripts == {"western"} and not any(sign < "\x80" for sign in word) and len(word) > 1:
        odd += len(word)  # a word of accents alone is another alphabet seen wrongly
    turns = sum(1 for left, right in pairwise(word) if left.islower() and right.isupper())
    return odd + 1.0 * turns


def _script(sign: str) -> str:
    return "cyrillic" if "Ѐ" <= sign <= "ӿ" else "arabic" if "؀" <= sign <= "ۿ" else "western"
