"""From text to words, numbers and signs, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from comity.records.formulas.limits import LENGTH
from comity.records.formulas.problems import BadFormula

# What people type or paste for the same thing.
_ALIKE = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", "==": "=",
          ";": ","}  # fmt: skip
_SIGN = re.compile(r"<=|>=|!=|<>|==|[-+*/%=<>(),;.\[\]×·÷−–≤≥≠]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTES = "“”„«»‘’‚"
_SIZE = 15  # digits before the point, and 10 after it


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number | text | word | sign | end."""

    kind: str
    text: str
    at: int  # the first sign of the formula is 1


def tokens(source: str) -> Iterator[Token]:
    """The parts of a formula, an "end" after the last one; raises BadFormula."""
    if len(source) > LENGTH:
        raise BadFormula(_("The formula is too long; at most %(limit)s signs fit.") % {"limit": LENGTH})
    place = 0
    while place < len(source):
        char, at = source[place], place + 1
        if char.isspace():
            place += 1
        elif char in "\"'":
            text, place = _quoted(source, place)
            yield Token("text", text, at)
        elif match := _NUMBER.match(source, place):
            yield Token("number", _number(source, match, at), at)
            place = match.end()
        elif match := _WORD.match(source, place):
            yield Token("word", match[0].lower(), at)
            place = match.end()
        elif match := _SIGN.match(source, place):
            yield Token("sign", _ALIKE.get(match[0], match[0]), at)
            place = match.end()
        else:
            raise _strange(char, at)
    yield Token("end", "", len(source) + 1)


def _quoted(source: str, place: int) -> tuple[str, int]:
    quote, at, found = source[place], place + 1, []
    place += 1
    while place < len(source):
        char = source[place]
        if char == "\\" and place + 1 < len(source):
            found.append(source[place + 1])
            place += 2
        elif char == quote:
            return "".join(found), place + 1
        else:
            found.append(char)
            place += 1
    raise BadFormula(_("This text has no end: the closing quote is missing."), at)


def _number(source: str, match: re.Match[str], at: int) -> str:
    text, end = match[0], match.end()
    if re.match(r",[0-9]", source[end:]):
        shown = f"{text}.{re.match('[0-9]+', source[end + 1 :])[0]}"  # type: ignore[index]
        raise BadFormula(
            _("Write numbers with a point: %(number)s. Between two values put a space behind the comma.")
            % {"number": shown}, at,
        )  # fmt: skip
    whole, _point, rest = text.partition(".")
    if len(whole.lstrip("0")) > _SIZE or len(rest) > 10:
        raise BadFormula(_("This number is too large, or too exact."), at)
    if _WORD.match(source, end) or source[end : end + 1] == ".":
        raise BadFormula(_("Something is missing between this number and what follows it."), at)
    return text


def _strange(char: str, at: int) -> BadFormula:
    if char in _QUOTES:
        return BadFormula(_("Put texts in straight quotes: 'like this'."), at)
    if char == "^":
        return BadFormula(_("There are no powers here. Multiply instead."), at)
    if char in "&|!":
        return BadFormula(_("Write “and”, “or” and “not” as words."), at)
    if char == "\\" or not char.isprintable():
        return BadFormula(_("This sign can't stand in a formula."), at)
    return BadFormula(_("“%(sign)s” can't stand in a formula. Fields go by their keys.") % {"sign": char}, at)
