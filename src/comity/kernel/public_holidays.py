"""The public holidays of countries, by the library `holidays` (MIT). It is large: imported where it is asked."""

from datetime import date
from functools import cache


@cache
def countries() -> frozenset[str]:
    """The countries (ISO 3166 codes) whose holidays are known."""
    import holidays

    return frozenset(code for code in holidays.list_supported_countries() if len(code) == 2)


def days(country: str, year: int) -> list[date]:
    """The days off of a whole country in a year, in order; none where none are known."""
    import holidays

    return sorted(holidays.country_holidays(country, years=year))
