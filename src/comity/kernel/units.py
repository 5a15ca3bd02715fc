"""What a number counts: every numeric field names its unit, and only like adds to like.

Numbers of every unit are stored as whole 1/10,000ths (see kernel.money.to_units), as money is.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its key, its label (translated; it stands by itself), the short `sign` after a number, which needs no
    plural, and the digits usually shown.
    """

    key: str
    label: str | Promise
    sign: str | Promise
    places: int = 0


_units: dict[str, Unit] = {}


def register(unit: Unit) -> Unit:
    """Make a unit known; ValueError if its key is taken by another one."""
    if _units.setdefault(unit.key, unit) != unit:
        raise ValueError(f"unit {unit.key!r} is registered twice")
    return unit


def get(key: str) -> Unit:
    """The unit of this key; KeyError if there is none."""
    return _units[key]


def every() -> list[Unit]:
    """All units, in the order of registration: for the choice in a field's settings."""
    return list(_units.values())


def add(a: Unit, b: Unit) -> Unit:
    """The unit of a sum of both; Invalid if they are not the same (percent never adds to pieces, hours not to days)."""
    if a != b:
        raise Invalid(
            _("“%(one)s” and “%(other)s” cannot be added up.") % {"one": a.label, "other": b.label},
            todo=_("Choose fields that count in the same unit."),
        )
    return a


NUMBER = register(Unit("number", gettext_lazy("Number"), ""))
PIECES = register(Unit("pieces", gettext_lazy("Pieces"), gettext_lazy("pcs")))
PERCENT = register(Unit("percent", gettext_lazy("Percent"), "%"))
MONEY = register(Unit("money", gettext_lazy("Money"), "", 2))
MINUTES = register(Unit("minutes", gettext_lazy("Minutes"), gettext_lazy("min")))
HOURS = register(Unit("hours", gettext_lazy("Hours"), gettext_lazy("h")))
DAYS = register(Unit("days", gettext_lazy("Days"), gettext_lazy("d")))
KILOGRAM = register(Unit("kilogram", gettext_lazy("Kilograms"), gettext_lazy("kg")))
METRE = register(Unit("metre", gettext_lazy("Metres"), gettext_lazy("m")))
SQUARE_METRE = register(Unit("square_metre", gettext_lazy("Square metres"), gettext_lazy("m²")))
CUBIC_METRE = register(Unit("cubic_metre", gettext_lazy("Cubic metres"), gettext_lazy("m³")))
LITRE = register(Unit("litre", gettext_lazy("Litres"), gettext_lazy("l")))
