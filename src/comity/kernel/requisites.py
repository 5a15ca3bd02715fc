"""Registration numbers and bank accounts of firms, checked as their country has it, by python-stdnum (LGPL, unmodified)
where it knows the rule.

RU: OGRN (13 digits, 15 of a sole trader), KPP, account of 20 digits with the bank's BIK. UA: EDRPOU. BG: EIK. ID: NIB.
SA: commercial registration. Everywhere: IBAN, SWIFT code. What has no rule here stays as typed.
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid

_WEIGHTS = (7, 1, 3)  # of the 23 digits of a Russian account with the tail of its BIK, over and over


def _refused(text: str) -> Invalid:
    return Invalid(text)


def _plain(text: str) -> str:
    return re.sub(r"[\s./-]", "", text).upper()


def registration(country: str, text: str) -> str:
    """The number in a register of firms, in its plain form; Invalid in plain words if it can't be right."""
    import stdnum.exceptions as wrong

    plain = _plain(text)
    try:
        match country:
            case "RU":
                from stdnum.ru import ogrn

                return str(ogrn.validate(plain))
            case "UA":
                from stdnum.ua import edrpou

                return str(edrpou.validate(plain))
            case "BG":
                from stdnum.bg import vat

                vat.validate(plain[:9])  # thirteen digits are a branch of the first nine
                if plain.isdecimal() and len(plain) in (9, 13):
                    return plain
                raise wrong.InvalidLength
    except wrong.ValidationError as exc:
        told = {
            "RU": _("A registration number (OGRN) has 13 digits, 15 of a sole trader, and this one does not add up."),
            "UA": _("A registration number (EDRPOU) has 8 digits, and this one does not add up."),
            "BG": _("A company number (EIK) has 9 digits, 13 for a branch, and this one does not add up."),
        }
        raise _refused(told[country]) from exc
    return _digits(country, plain) or " ".join(text.split())


def _digits(country: str, plain: str) -> str:
    """Numbers whose length is all that can be checked; "" where there is no rule."""
    lengths = {
        "ID": (13, _("A business number (NIB) has 13 digits.")),
        "SA": (10, _("A commercial registration has 10 digits.")),
    }
    if country not in lengths:
        return ""
    length, told = lengths[country]
    if not plain.isdecimal() or len(plain) != length:
        raise _refused(told)
    return plain


def reason_code(country: str, text: str) -> str:
    """The code of a tax office and reason (KPP, Russia); elsewhere as typed."""
    plain = _plain(text)
    if country != "RU":
        return " ".join(text.split())
    if not re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", plain):
        raise _refused(_("A KPP has nine characters: four digits, two digits or letters, three digits."))
    return plain


def accounts(country: str, text: str) -> str:
    """Bank accounts, one a line, each checked; a Russian one may have its bank's BIK behind it."""
    return "\n".join(account(country, line) for line in text.splitlines() if line.strip())


def account(country: str, text: str) -> str:
    """One bank account in its plain form, with whatever is written behind it.

    An IBAN and a SWIFT code are checked wherever they stand; an account of Russia against the BIK on its line.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    start = next((n for n in range(len(words)) if re.match(r"^[A-Z]{2}\d{2}", words[n].upper())), None)
    if start is not None and len(_joined(words[start:])) >= 12:
        number, rest = _iban(words[start:])
        return " ".join([*words[:start], number, *(_swift(word) for word in rest)])
    if country == "RU":
        return _russian(words)
    return " ".join(_swift(word) for word in words)


def _joined(words: list[str]) -> str:
    return "".join(words)


def _iban(words: list[str]) -> tuple[str, list[str]]:
    """The IBAN that begins the words, written in groups or not, and the words behind it; Invalid if it is none."""
    import stdnum.exceptions as wrong
    from stdnum import iban

    for taken in range(len(words), 0, -1):
        try:
            return str(iban.validate(_joined(words[:taken]))), words[taken:]
        except wrong.ValidationError:
            continue
    raise _refused(_("This IBAN does not add up: a character is wrong, missing or two are swapped."))


def _swift(word: str) -> str:
    """A word that says it is a SWIFT code is checked as one; any other stays."""
    import stdnum.exceptions as wrong
    from stdnum import bic

    label, colon, code = word.partition(":")
    if not colon or label.upper() not in ("SWIFT", "BIC"):
        return word
    try:
        return f"{label}:{bic.validate(code)}"
    except wrong.ValidationError as exc:
        raise _refused(_("A SWIFT code has 8 or 11 characters, such as DEUTDEFF.")) from exc


def _russian(words: list[str]) -> str:
    numbers = [word for word in words if word.isdecimal()]
    own = next((word for word in numbers if len(word) == 20), None)
    bank = next((word for word in numbers if len(word) == 9), None)
    if own is None:
        raise _refused(_("A bank account has 20 digits. Write the bank’s BIK (9 digits) behind it."))
    if bank is not None and not _adds_up(own, bank):
        raise _refused(_("The account and the BIK do not fit: a digit of one of them is wrong."))
    return " ".join(words)


def _adds_up(own: str, bank: str) -> bool:
    """The check digit of a Russian account: with a bank the last three digits of its BIK stand before the account, with
    an office of the central bank a zero and the two digits before those."""
    at_central_bank = bank[-3:] in ("000", "001", "002")
    whole = (f"0{bank[4:6]}" if at_central_bank else bank[-3:]) + own
    return sum(int(digit) * _WEIGHTS[n % 3] for n, digit in enumerate(whole)) % 10 == 0


CHECKS: dict[str, Callable[[str, str], str]] = {
    "registration": registration, "reason_code": reason_code, "accounts": accounts,
}  # fmt: skip


def check(name: str, country: str, text: str) -> str:
    """A requisite of one of CHECKS in its plain form; Invalid in plain words if it can't be right."""
    return CHECKS[name](country.upper(), text) if text.strip() else ""
