"""Tax numbers with their check digits, by python-stdnum (LGPL, used unmodified).

AE, SA: the length and the first digits, all that can be told.
RU: INN. UA: EDRPOU of companies, RNTRC (IPN) of persons. BG: EIK, the same nine or ten digits as in the VAT number
(stdnum knows them as bg.vat), and thirteen for a branch. ID: NPWP of 15 or 16 digits. EU countries: VAT number.
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid

_EU = frozenset(
    "AT BE CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


def checks(country: str) -> bool:
    """Can a number of this country (ISO 3166 code) be checked? If not, `check` keeps it as typed."""
    return country.upper() in _SCHEMES or country.upper() in _EU


def check(country: str, text: str) -> str:
    """The number in its plain form (EU: with the country's letters); Invalid in plain words if it can't be right.

    A number of a country without a known rule comes back as typed, with white space collapsed.
    """
    import stdnum.exceptions as wrong

    country = country.upper()
    number = " ".join(text.split())
    if not checks(country):
        return number
    try:
        return _SCHEMES[country](number) if country in _SCHEMES else _eu(country, number)
    except (wrong.InvalidChecksum, wrong.InvalidComponent) as exc:
        raise Invalid(_("This tax number does not add up: a digit is wrong or two are swapped.")) from exc
    except wrong.ValidationError as exc:
        raise Invalid(_wanted(country)) from exc


def _wanted(country: str) -> str:
    match country:
        case "RU":
            return _("A tax number (INN) has 10 digits for a company or 12 for a person.")
        case "UA":
            return _("A tax number has 8 digits (EDRPOU, a company) or 10 (RNTRC, a person).")
        case "BG":
            return _("A company number (EIK) has 9 digits, 13 for a branch; a person's number has 10.")
        case "ID":
            return _("A tax number (NPWP) has 15 or 16 digits.")
        case "AE":
            return _("A tax registration number (TRN) has 15 digits.")
        case "SA":
            return _("A VAT number has 15 digits; the first and the last one are 3.")
        case _:
            return _("This is not a VAT number of the chosen country.")


def _ru(number: str) -> str:
    from stdnum.ru import inn

    return str(inn.validate(number.replace("-", "")))


def _ua(number: str) -> str:
    from stdnum.ua import edrpou, rntrc

    plain = re.sub(r"\D", "", number)
    return str(rntrc.validate(number) if len(plain) == 10 else edrpou.validate(number))


def _bg(number: str) -> str:
    from stdnum.bg import vat

    plain = re.sub(r"[\s.-]", "", number).upper().removeprefix("BG")
    if len(plain) == 13 and plain.isdecimal():
        vat.validate(plain[:9])  # a branch: the company's nine digits carry the check digit
        return plain
    return str(vat.validate(plain))


def _id(number: str) -> str:
    from stdnum.id import npwp

    return str(npwp.validate(number))


def _ae(number: str) -> str:
    return _gulf(number, r"\d{15}")


def _sa(number: str) -> str:
    return _gulf(number, r"3\d{13}3")


def _gulf(number: str, pattern: str) -> str:
    import stdnum.exceptions as wrong

    plain = re.sub(r"[\s.-]", "", number)
    if not re.fullmatch(pattern, plain):
        raise wrong.InvalidFormat
    return plain


def _eu(country: str, number: str) -> str:
    from stdnum.eu import vat

    letters = "EL" if country == "GR" else country
    plain = re.sub(r"[\s.-]", "", number).upper()
    return str(vat.validate(plain if plain.startswith(letters) else letters + plain))


_SCHEMES: dict[str, Callable[[str], str]] = {"RU": _ru, "UA": _ua, "BG": _bg, "ID": _id, "AE": _ae, "SA": _sa}
