"""`comity init`: a real, empty base and its first administrator."""

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from comity.config import schema

if TYPE_CHECKING:
    from comity.identity.models import User


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is not given is asked for."""
    parser.add_argument("--company", help="the company's name")
    parser.add_argument("--country", help="two letters, for instance DE")
    parser.add_argument("--timezone", help="default: the country's where it has one; for instance Europe/Berlin")
    parser.add_argument("--language", help="one of en ru uk bg id ar")
    parser.add_argument("--currency", help="three letters, for instance EUR")
    parser.add_argument("--email", help="the first administrator's e-mail address")
    parser.add_argument("--name", help="the first administrator's name")
    parser.add_argument("--password", help="the password; better leave it out and type it unseen")


def run(options: argparse.Namespace) -> None:
    """Ask, check, make the base. Nothing is made before every answer is good."""
    from django.conf import settings

    from comity.changes import installation
    from comity.identity.models import User
    from comity.kernel.transaction import write_transaction

    if schema.unknown() or (schema.applied() and not schema.missing() and User.objects.exists()):
        raise SystemExit("This base has people in it already. Nothing was changed. Set COMITY_HOME to a new folder.")
    company = _answer(options.company, "Company name", _text)
    country = _answer(options.country, "Country (two letters)", _country)
    timezone = _answer(options.timezone, "Time zone", _timezone, _zone_of(country))
    languages = " ".join(code for code, _ in settings.LANGUAGES)
    language = _answer(options.language, f"Language ({languages})", _language)
    currency = _answer(options.currency, "Currency (three letters)", _currency, _currency_of(country))
    email = _answer(options.email, "Your e-mail address", _email)
    name = _answer(options.name, "Your name", _text)
    password = _password(options.password, User(name=name, email=email))
    schema.migrate()
    with write_transaction():
        installation.install(company, country, timezone, language, currency)
        installation.first_administrator(name, email, password)
    print(f"The base is ready in {settings.HOME}. Start it with: comity serve")
    print(f"Then log in at {settings.ADDRESS.public} as {email}.")


def _answer(given: str | None, question: str, check: Callable[[str], str], default: str = "") -> str:
    """The given answer, else one typed until it is good. `check` returns it tidied or raises ValueError."""
    if given is not None or not sys.stdin.isatty():
        try:
            return check(given if given is not None else default)
        except ValueError as error:
            raise SystemExit(f"{question}: {error}. Nothing was made.") from None
    while True:
        try:
            return check(input(f"{question}{f' [{default}]' if default else ''}: ").strip() or default)
        except ValueError as error:
            print(f"  {error}")
        except EOFError:
            raise SystemExit("\nStopped. Nothing was made.") from None


def _password(given: str | None, user: "User") -> str:
    """A password the house accepts for this person; typed unseen, and twice."""
    from comity.identity import passwords

    if given is not None or not sys.stdin.isatty():
        if wrong := passwords.problems(given or "", user):
            raise SystemExit(f"Password: {' '.join(wrong)} Nothing was made.")
        return given or ""
    while True:
        first = getpass.getpass("A password for you: ")
        if wrong := passwords.problems(first, user):
            print(f"  {' '.join(wrong)}")
        elif getpass.getpass("Once more: ") == first:
            return first
        else:
            print("  The two are not the same.")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("an answer is needed")
    return value.strip()


def _email(value: str) -> str:
    from comity.kernel import emails
    from comity.kernel.errors import Invalid

    try:
        return emails.normalise(value)
    except Invalid:
        raise ValueError("this is no e-mail address") from None


def _country(value: str) -> str:
    from babel import Locale

    code = value.strip().upper()
    if len(code) != 2 or code not in Locale("en").territories:
        raise ValueError("this is no country code of two letters")
    return code


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("this is no time zone, like Europe/Berlin")
    return ZoneInfo(value).key


def _language(value: str) -> str:
    from django.conf import settings

    codes = [code for code, _ in settings.LANGUAGES]
    if value.lower() not in codes:
        raise ValueError(f"choose one of {' '.join(codes)}")
    return value.lower()


def _currency(value: str) -> str:
    from babel.numbers import list_currencies

    if value.upper() not in list_currencies():
        raise ValueError("this is no currency code of three letters")
    return value.upper()


def _zone_of(country: str) -> str:
    """The country's time zone where it has one, as a suggestion (CLDR by Babel)."""
    from babel.core import get_global

    zones = get_global("territory_zones").get(country, [])
    return zones[0] if len(zones) == 1 and zones[0] in available_timezones() else ""


def _currency_of(country: str) -> str:
    """The country's currency of today, as a suggestion (CLDR by Babel)."""
    from babel.numbers import get_territory_currencies

    current = get_territory_currencies(country)
    return current[0] if current else ""
