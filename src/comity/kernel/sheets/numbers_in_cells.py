"""A stored number and its format as a cell: a plain number, percent, money, a day, a time, a code with its mask."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from comity.kernel.sheets.cells import EATEN, NO_FLAGS, Cell, error, from_digits, from_text
from comity.kernel.sheets.number_formats import Format

_LONGEST = 40
_LARGEST_POWER = 320
_DAY = 86_400_000  # milliseconds
_LAST_DAY = 2_958_465  # 9999-12-31
_LEAP_DAY_OF_1900 = 60  # a day that never was: spreadsheets count it all the same


def cell(raw: str, shape: Format, since_1904: bool, flags: frozenset[str] = NO_FLAGS) -> Cell:
    """The cell of a number as stored in the file."""
    value = exact(raw)
    if value is None:
        return error(raw[:_LONGEST], "number", flags)
    kind = shape.kind
    if kind == "number":
        if shape.mask and (shown := shape.masked(value)):
            return Cell("number", value, shown, "", flags | EATEN)
        return from_digits(value, shape.plain, shape.scientific or "E" in raw or "e" in raw, flags)
    if kind == "percent":
        value = value.scaleb(2)
        return Cell("percent", value, plain(value) + " %", "", flags)
    if kind == "money":
        text = plain(value)
        return Cell("money", value, f"{text} {shape.currency}" if shape.currency else text, shape.currency, flags)
    if kind == "text":
        made = from_text(plain(value))
        return made._replace(flags=made.flags | flags)
    return _moment(value, raw, kind, since_1904, flags)


def exact(raw: str) -> Decimal | None:
    """The number as a person typed it: spreadsheets keep 15 digits, and the rest is noise of binary fractions."""
    if len(raw) > _LONGEST:
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_POWER:
        return None
    if len(raw) > 16 and len(value.as_tuple().digits) > 15 and value != value.to_integral_value():
        return Decimal(f"{float(value):.15g}")
    return value


def plain(value: Decimal) -> str:
    """A number without grouping, powers and needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: Decimal, raw: str, kind: str, since_1904: bool, flags: frozenset[str]) -> Cell:
    days, part = divmod(value, 1)
    millis = int((part * _DAY).to_integral_value())
    if kind == "time" and 0 <= value < 366:
        seconds = (int(days) * _DAY + millis + 500) // 1000
        text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return Cell("text", text, text, "", flags)
    day = int(days)
    if since_1904:
        first = datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no zone
    elif day == _LEAP_DAY_OF_1900 or day < 1:
        return error(raw, "date", flags)
    else:
        first = datetime(1899, 12, 31 if day < _LEAP_DAY_OF_1900 else 30)  # noqa: DTZ001
    if not 0 <= day <= _LAST_DAY - (1462 if since_1904 else 0):
        return error(raw, "date", flags)
    try:
        # Binary fractions of a day miss whole seconds by less than a millisecond or two.
        moment = first + timedelta(days=day, milliseconds=millis)
    except OverflowError:
        return error(raw, "date", flags)
    near = moment + timedelta(milliseconds=2)
    if near.microsecond < 4000:
        moment = near.replace(microsecond=0)
    return of_moment(moment, kind == "date", flags)


def of_moment(moment: datetime, day_shown: bool, flags: frozenset[str] = NO_FLAGS) -> Cell:
    """A day, or a moment where its time is shown or is not midnight: nothing is cut off that the file has."""
    if day_shown and moment.time() == datetime.min.time():
        return Cell("date", moment.date(), moment.date().isoformat(), "", flags)
    return Cell("datetime", moment, moment.isoformat(" "), "", flags)


def of_day(day: date, flags: frozenset[str] = NO_FLAGS) -> Cell:
    """A day."""
    return Cell("date", day, day.isoformat(), "", flags)
