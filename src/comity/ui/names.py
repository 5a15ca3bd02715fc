"""Words for values: names of countries, languages and choices, addresses, masks."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.identity.models import ACCENT_HUES
from comity.kernel import emails, phones
from comity.kernel.money import format_number
from comity.kernel.text import listed
from comity.records.fields import SCALE, FieldSpec


@lru_cache(maxsize=4096)
def code_name(kind: str, code: str, language: str) -> str:
    """The name of a language, country or currency code in the reader's language; the code where there is none."""
    if not code:
        return ""
    locale = Locale.parse(language)
    if kind in ("language", "languages"):
        return str(locale.languages.get(code, code)).capitalize()
    if kind == "country":
        return str(locale.territories.get(code, code))
    return f"{code} {get_currency_name(code, locale=locale)}"


@lru_cache(maxsize=8192)
def zone_name(zone: str, language: str) -> str:
    """The city of a time zone in the reader's language; zones renamed of late stand there under either name."""
    aliases = get_global("zone_aliases")
    main = aliases.get(zone, zone)
    known = Locale.parse(language).time_zones
    for one in (zone, main, *(old for old, new in aliases.items() if new == main)):
        if city := known.get(one, {}).get("city"):
            return str(city)
    return zone.partition("/")[2].replace("_", " ") or zone


def accent_name(hue: int | None) -> str:
    """What a company's accent is called, by its hue in degrees (of identity.models.ACCENT_HUES)."""
    return {
        178: _("Pine"), 245: _("Blue"), 300: _("Violet"), 20: _("Red"), 60: _("Amber"), 95: _("Olive"),
        150: _("Green"), 340: _("Pink"),
    }[hue or ACCENT_HUES[0]]  # fmt: skip


def choice_name(spec: FieldSpec, key: str, language: str) -> str:
    """The label of one of several choices."""
    if spec.kind == "languages":
        return code_name("language", key, language)
    found = spec.choice(key)
    return found.label[language] if found else key


def address_line(address: Mapping[str, str] | None, language: str) -> str:
    """An address in one line: street, postcode and city, region, country."""
    if not address:
        return ""
    town = " ".join(filter(None, (address.get("postcode", ""), address.get("city", ""))))
    country = code_name("country", address.get("country", ""), language)
    return listed((address.get("street", ""), town, address.get("region", ""), country), language)


def web_link(url: str) -> str:
    """A link to another site as HTML: only http and https, opened apart, without telling where from."""
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    shown = (parts.netloc + parts.path.rstrip("/")).removeprefix("www.")
    return (
        f'<a class="u" href="{escape(url)}" rel="noreferrer noopener" target="_blank">'
        f'<bdi dir="ltr">{escape(shown)}</bdi></a>'
    )


def mask(spec: FieldSpec, value: str) -> str:
    """A contact point with its middle hidden."""
    if spec.kind == "phones":
        return phones.mask(value)
    if spec.kind == "emails":
        return emails.mask(value)
    return f"{value[:1]}•••"


def size_text(size: int, language: str) -> str:
    """A size in bytes as a person reads it, in thousands, one digit after the point where that says something."""
    if size < 1000:
        return ngettext("%(n)s byte", "%(n)s bytes", size) % {"n": format_number(size * SCALE, language)}
    kilo = size < 999_500
    amount = size / (1000 if kilo else 1_000_000)
    number = format_number(round(round(amount, 1 if amount < 10 else 0) * SCALE), language)
    return _("%(n)s kB") % {"n": number} if kilo else _("%(n)s MB") % {"n": number}
