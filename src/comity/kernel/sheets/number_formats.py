"""What a spreadsheet's number format says of a number: percent, money, date, time, text, or a mask for its digits."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from comity.kernel.sheets import currencies

_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<sign>[^\]-]*)(?:-(?P<place>[^\]]*))?\]|\[(?P<span>[hms]+)\]'
    r"|\[[^\]]*\]|(?P<pad>[_*].)|(?P<half>AM/PM|A/P)|(?P<general>General|Standard|Основной|Общий)|(?P<power>E[+-])"
    r"|(?P<place_>[0#?])|(?P<date>[ymdhsYMDHSaAeE]+)|(?P<other>.)",
    re.S,
)
_ISO = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
# Formats that a workbook names by number only (ECMA-376, 18.8.30).
SHIPPED = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((5, 6, 7, 8, 41, 42, 43, 44), "¤"),
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"), **dict.fromkeys(range(32, 36), "h:mm"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """`kind`: number, percent, money, date, datetime, time, text. `plain`: digits alone are shown, as of a code.

    `mask`: how the digits are shown where that is more than digits ("00000", "+0 (000) 000-00-00"), else "".
    """

    kind: str = "number"
    currency: str = ""
    plain: bool = True
    scientific: bool = False
    mask: tuple[str, ...] = ()

    def masked(self, value: Decimal) -> str:
        """A whole number's digits put into the mask; "" where they do not fit."""
        if value != value.to_integral_value() or value < 0:
            return ""
        digits = list(format(value.quantize(Decimal(1)), "f"))
        shown: list[str] = []
        last = next((at for at, sign in enumerate(self.mask) if sign in ("0", "#")), 0)
        for at in range(len(self.mask) - 1, -1, -1):
            sign = self.mask[at]
            if sign not in ("0", "#"):
                shown.append(sign[1:])
            elif digits:
                shown.append(digits.pop())
                if at == last:
                    shown.extend(reversed(digits))
                    digits.clear()
            elif sign == "0":
                shown.append("0")
        return "".join(reversed(shown)).strip()


@lru_cache(maxsize=4096)
def read(code: str) -> Format:
    """The meaning of a format as written in the file."""
    if code == "¤":
        return Format("money", plain=False)
    section = _first_section(code)
    if section.strip() == "@":
        return Format("text")
    places, dates, literals, mask, signs = "", "", "", [], []
    scientific = span = False
    for match in _TOKENS.finditer(section):
        group = match.lastgroup
        if match["sign"]:
            signs.append(currencies.of_sign(match["sign"], match["place"] or ""))
            if not currencies.is_sign(match["sign"]):
                signs.pop()
            mask.append("=" + match["sign"])
        elif group in ("quoted", "escaped"):
            literals += match[group]
            mask.append("=" + match[group])
        elif group == "place_":
            places += match[0]
            mask.append(match[0])
        elif group == "power":
            scientific = True
        elif group == "span":
            span = True
            dates += match[0]
        elif group in ("date", "half"):
            dates += match[0]
            literals += match[0]
        elif group == "other":
            literals += match[0]
            places += match[0] if match[0] in ".,%" else ""
            mask.append("=" + match[0])
    if "%" in places:
        return Format("percent", plain=False)
    if dates and (kind := _date_kind(dates.lower(), span)) and not ("#" in places or _money(literals)):
        return Format(kind, plain=False)
    if signs or _money(literals):
        return Format("money", signs[0] if signs else _money(literals)[0], plain=False)
    plain = scientific or (not set(places) & {".", ","} and "?" not in places)
    return Format("number", "", plain, scientific, _mask(mask) if plain and not scientific else ())


def _first_section(code: str) -> str:
    """As far as the first semicolon that stands for itself."""
    for match in _TOKENS.finditer(code):
        if match["other"] == ";":
            return code[: match.start()]
    return code


def _date_kind(letters: str, span: bool) -> str:
    if span:
        return "time"
    day = "y" in letters or "d" in letters
    hour = "h" in letters or "s" in letters
    if hour:
        return "datetime" if day else "time"
    return "date" if day or "m" in letters else ""


def _money(literals: str) -> list[str]:
    """The currency of the first sign of money among a format's letters, in a list; [] where there is none."""
    for word in re.split(r"[\s0-9#?,;:()/+-]+", literals):
        if word and currencies.is_sign(word):
            return [currencies.of_sign(word)]
    for sign in literals:
        if not sign.isalnum() and not sign.isspace() and currencies.is_sign(sign):
            return [currencies.of_sign(sign)]
    return []


def _mask(parts: list[str]) -> tuple[str, ...]:
    digits = [part for part in parts if part in ("0", "#")]
    inside = [part for part in parts if part.startswith("=") and part.strip("= ")]
    if len(digits) < 3 or not (inside or digits.count("0") > 2):
        return ()
    return tuple(parts)
