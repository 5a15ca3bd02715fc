"""Headings made comparable: case, signs, currencies and the word for the kind of card taken off."""

import re
from functools import lru_cache

from comity.kernel.text import fold

MARK = "⚠"  # begins the heading of the column of reasons in a file of refused rows
_SIGNS = re.compile(r"[_*\-‐-―:|/\"“”«»]+")
_CURRENCY = re.compile(
    r"[,\s(\[]+(?:₽|₸|€|\$|£|₴|₺|[рr]уб\.?|грн\.?|лв\.?|тенге|сум|usd|eur|rub|uah|bgn|kzt|idr|aed|sar|gbp|rp)[)\]]*$"
)
_ENTITY = re.compile(r"\s*[(\[](?P<word>[^()\[\]]+)[)\]]\s*$")
_DIGITS = re.compile(r"\d+")
CURRENCIES = {
    "₽": "RUB", "руб": "RUB", "rub": "RUB", "₸": "KZT", "тенге": "KZT", "kzt": "KZT", "€": "EUR", "eur": "EUR",
    "$": "USD", "usd": "USD", "£": "GBP", "gbp": "GBP", "₴": "UAH", "грн": "UAH", "uah": "UAH", "лв": "BGN",
    "bgn": "BGN", "₺": "TRY", "idr": "IDR", "rp": "IDR", "aed": "AED", "sar": "SAR",
}  # fmt: skip
# What programs put before or behind a heading to say of which kind of card it is.
ENTITIES = {
    "deal": "deal", "сделка": "deal", "сделки": "deal", "угода": "deal", "obchod": "deal", "transaksi": "deal",
    "opportunity": "deal", "deals": "deal", "negocio": "deal", "geschäft": "deal",
    "person": "person", "contact": "person", "контакт": "person", "контакта": "person", "osoba": "person",
    "contato": "person", "kontakt": "person", "контактное лицо": "person", "kontak": "person", "orang": "person",
    "organization": "company", "organisation": "company", "company": "company", "компания": "company",
    "компании": "company", "організація": "company", "компанія": "company", "организация": "company",
    "organizace": "company", "organisasi": "company", "account": "company", "perusahaan": "company",
    "lead": "lead", "лид": "lead", "лида": "lead", "лід": "lead",
}  # fmt: skip


@lru_cache(maxsize=5000)
def normal(heading: str) -> str:
    """The heading as the tables of aliases have it."""
    text = fold(heading.lstrip("\ufeff"))
    text = _CURRENCY.sub("", text)
    return " ".join(_SIGNS.sub(" ", text).split())


def currency(heading: str) -> str:
    """The currency a heading ends with; "" where it names none."""
    match = _CURRENCY.search(fold(heading))
    if not match:
        return ""
    return CURRENCIES.get(match.group(0).strip(" ,()[]."), "")


def numbered(name: str) -> str:
    """A normal heading with its numbers taken out: "phone 2 value" is "phone # value"."""
    return _DIGITS.sub("#", name)


def number(name: str) -> str:
    """The first number in it."""
    match = _DIGITS.search(name)
    return match.group(0) if match else ""


def entity(heading: str) -> tuple[str, str]:
    """The kind of card a heading names, and what it says of it: ("deal", "title") of "Deal - Title"."""
    folded = fold(heading)
    if match := _ENTITY.search(folded):
        found = ENTITIES.get(match["word"].strip())
        if found:
            return found, normal(folded[: match.start()])
    first, sign, rest = folded.partition(" - ")
    if not sign:
        first, sign, rest = folded.partition(": ")
    if sign and rest and (found := ENTITIES.get(first.strip())):
        return found, normal(rest)
    return "", normal(heading)
