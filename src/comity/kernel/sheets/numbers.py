"""One text as a number: in which ways it can be read, and as what: a plain number, a percentage, an amount of money."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from comity.kernel.sheets import currencies

_SPACES = " \u00a0\u202f\u2009\u2007"
_LONGEST = 60
_SHAPE = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[+\-−–]?)\s*(?P<before>[^\d\s.,+\-−–()%'’`]{1,5}\.?)?\s*(?P<sign2>[-−–]?)"
    r"(?P<body>[\d.,](?:[\d.,'’`٬٫" + _SPACES + r"]*\d)?[.,]?)\s*(?P<percent>[%٪])?\s*"
    r"(?P<after>[^\d\s.,+\-−–()%'’`]{1,5}\.?(?:[^\d\s()%]{1,3}\.?)?)?\s*(?P<close>\))?"
)
_GROUP = re.compile(r"\d{1,3}(?:(?P<sign>[.,'])\d{3})(?:(?P=sign)\d{3})*")
_INDIAN = re.compile(r"\d{1,2}(?:(?P<sign>[.,'])\d{2})+(?P=sign)\d{3}")
_SPACED = re.compile(rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?!\d)")
_CODE = re.compile(r"0\d+|\+.*|\d{11,}")


@dataclass(frozen=True, slots=True)
class Found:
    """A text that can be a number. `readings`: the value by the decimal sign it would have, where these differ.

    A value that reads alike either way has one entry, under "".
    """

    kind: str
    currency: str
    possible: dict[str, Decimal]

    @property
    def readings(self) -> dict[str, object]:
        """What speaks for a decimal sign: {} where both give the same, one entry where only that one can be meant."""
        return {} if "" in self.possible else dict(self.possible)

    def value(self, decimal: str) -> Decimal | None:
        """The value; where the text alone does not tell, with this decimal sign; None where that is not known."""
        if len(self.possible) == 1:
            return next(iter(self.possible.values()))
        return self.possible.get(decimal)


def read(text: str) -> Found | None:
    """The ways in which a text can be read as a number; None where it is none."""
    if len(text) > _LONGEST:
        return None
    match = _SHAPE.fullmatch(_ordinary(text))
    if not match or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return None
    signs = [sign for sign in (match["before"], match["after"]) if sign]
    if len(signs) > 1 or (signs and (match["percent"] or not currencies.is_sign(signs[0]))):
        return None
    minus = bool(match["open"]) or (match["sign"] or match["sign2"]) in ("-", "−", "–")
    if minus and match["open"] and match["sign"]:
        return None
    possible = _readings(match["body"])
    if not possible:
        return None
    if minus:
        possible = {sign: -value for sign, value in possible.items()}
    kind = "percent" if match["percent"] else "money" if signs else "number"
    return Found(kind, currencies.of_sign(signs[0]) if signs else "", possible)


def is_code(text: str) -> bool:
    """Whether its digits are rather a code or a telephone: leading zeros, a plus, more digits than people count to."""
    return _CODE.fullmatch(text.strip()) is not None


def _ordinary(text: str) -> str:
    """ASCII digits, ordinary grouping signs, no marks of direction."""
    if text.isascii():
        return text.strip()
    signs = []
    for sign in text.strip():
        if sign in "\u200e\u200f\u061c":
            continue
        digit = unicodedata.decimal(sign, None)
        signs.append(sign if digit is None else str(digit))
    return "".join(signs)


def _readings(body: str) -> dict[str, Decimal]:
    if "٫" in body or "٬" in body:
        return _arabic(body)
    point, comma = _with(body, "."), _with(body, ",")
    if point is not None and comma is not None:
        return {"": point} if point == comma and not set(body) & set(".,") else {".": point, ",": comma}
    if point is not None:
        return {".": point}
    return {} if comma is None else {",": comma}


def _arabic(body: str) -> dict[str, Decimal]:
    value = _with(body.replace("٬", "'").replace("٫", "."), ".") if not set(body) & set(".,") else None
    return {} if value is None else {"": value}


def _with(body: str, decimal: str) -> Decimal | None:
    """The value if that sign parts the decimals; None where the text cannot be meant so."""
    whole, found, fraction = body.partition(decimal)
    if found and (not fraction.isdigit() or not (whole or fraction)):
        return None
    if not whole:
        return Decimal(f"0.{fraction}") if fraction else None
    digits = _ungrouped(whole)
    if digits is None:
        return None
    return Decimal(f"{digits}.{fraction}" if fraction else digits)


def _ungrouped(whole: str) -> str | None:
    if whole.isdigit():
        return whole
    plain = whole.replace("’", "'").replace("`", "'")
    if plain[0] == "0":
        return None
    grouped = _GROUP.fullmatch(plain) or _INDIAN.fullmatch(plain) or _SPACED.fullmatch(plain)
    return "".join(sign for sign in plain if sign.isdigit()) if grouped else None
