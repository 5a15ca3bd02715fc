"""Phone numbers: E.164 for dialling, the last nine digits for recognising, an extension kept apart.

Facts of numbering plans come from Google's libphonenumber through the `phonenumbers` package, a region's data being
loaded when the first number of that region is met.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid

# Words for "extension" that the library does not know: Russian, Ukrainian, Bulgarian, Indonesian, Arabic.
_EXTENSION = re.compile(
    r"[\s,;(]*(?:внутр(?:енний)?|вн|доб(?:авочный)?|внутрішній|дод(?:атковий)?|вътр(?:ешен)?|pesawat|pes|تحويلة|داخلي)"
    r"[.:\s№#]*(\d{1,8})\s*\)?\s*$",
    re.IGNORECASE,
)


_NO_DIGIT = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class Phone:
    """`e164` like +79161234567, `last9` its last nine digits, `ext` the extension or ""."""

    e164: str
    last9: str
    ext: str

    @property
    def display(self) -> str:
        """In international writing."""
        return display(self.e164)


def digits(text: str) -> str:
    """The digits of a text in any script, as 0-9."""
    found = _NO_DIGIT.sub("", text)
    return found if found.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in found)


@lru_cache(maxsize=256)  # a file's number is asked about more than once on its way in
def parse(text: str, country: str = "") -> Phone:
    """The number a person typed in `country` (ISO 3166 code; without it the number must start with +). Else Invalid."""
    import phonenumbers

    typed = text.strip()
    ext = ""
    if match := _EXTENSION.search(typed):
        typed, ext = typed[: match.start()], digits(match[1])
    if digits(typed).startswith("00"):
        typed = re.sub(r"^\D*\d\D*\d", "+", typed, count=1)
    try:
        number = phonenumbers.parse(typed, country.upper() or None)
    except phonenumbers.NumberParseException as exc:
        if exc.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise Invalid(_("Start the phone number with + and the country code.")) from exc
        raise Invalid(_("This is not a phone number. Example: +44 20 7946 0018")) from exc
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Invalid(_REASONS.get(reason, _not_a_number)())
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, e164[-9:].lstrip("+"), ext or number.extension or "")


def _not_a_number() -> str:
    return _("This is not a phone number. Check the country code.")


# Keys: phonenumbers.ValidationResult, whose values are fixed by libphonenumber.
_REASONS = {
    2: lambda: _("Some digits of the phone number are missing."),
    3: lambda: _("The phone number has too many digits."),
    4: lambda: _("The area code of the phone number is missing."),
}


@lru_cache(maxsize=4096)
def display(e164: str) -> str:
    """A stored number in international writing, as `+7 916 123-45-67`; what cannot be read stays as it is."""
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask(e164: str) -> str:
    """For those who may see that there is a number but not which: the country code and the last two digits."""
    code, _space, rest = display(e164).replace("-", " ").partition(" ")
    if not rest:
        code, rest = "", code
    hidden = "".join("•" if c.isdigit() else c for c in rest[:-2]) + rest[-2:]
    return f"{code} {hidden}".strip()
