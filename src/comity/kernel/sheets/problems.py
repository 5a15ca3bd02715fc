"""What a person is told of a file: which file, sheet, row and column, what stands there and what to do."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid, Text, TooLarge
from comity.kernel.sheets.cells import Cell, letter
from comity.kernel.text import listed

_NOTHING_READ = gettext_lazy("Nothing was taken from the file.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: `row` as the sheet numbers it (0: none), `column` its heading or letter."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        parts = [_("file “%(name)s”") % {"name": self.file}]
        if self.sheet:
            parts.append(_("sheet “%(name)s”") % {"name": self.sheet})
        if self.row:
            parts.append(_("row %(number)s") % {"number": self.row})
        if self.column:
            parts.append(_("column “%(name)s”") % {"name": self.column})
        said = listed(parts, get_language() or "en")
        return said[:1].upper() + said[1:]


class Unreadable(Invalid):
    """A file, or a place in it, that cannot be read for certain. `place` says where.

    Of one cell also `reason`, a key of REASONS, and `shown`: `of_cell` says the same again in another language.
    """

    kept = _NOTHING_READ
    reason = ""
    shown = ""

    def __init__(self, place: Place, what: Text, todo: Text) -> None:
        self.place = place
        super().__init__(f"{place}: {what}", kept=_NOTHING_READ, todo=todo)


class TooMuch(TooLarge):
    """A file above a limit of `limits`."""

    kept = _NOTHING_READ

    def __init__(self, place: Place, what: Text, todo: Text) -> None:
        self.place = place
        super().__init__(f"{place}: {what}", kept=_NOTHING_READ, todo=todo)


def damaged(place: Place) -> Unreadable:
    """The file is cut off or broken inside."""
    return Unreadable(
        place,
        _("the file is damaged."),
        _("Open it in your spreadsheet program, save it again and load the new file."),
    )


def unsafe(place: Place, what: str) -> Unreadable:
    """The file holds something that no ordinary export has; `what` says it."""
    return Unreadable(place, what, _("Save the data alone as a new XLSX or CSV file and load that."))


def too_many_rows(place: Place, limit: int) -> TooMuch:
    """More rows than one file may have."""
    what = ngettext("there is more than %(limit)s row.", "there are more than %(limit)s rows.", limit)
    return TooMuch(place, what % {"limit": f"{limit:,}".replace(",", " ")}, _("Split it into several files."))


def too_many_columns(place: Place, limit: int) -> TooMuch:
    """More columns than one sheet may have."""
    what = ngettext("there is more than %(limit)s column.", "there are more than %(limit)s columns.", limit)
    return TooMuch(place, what % {"limit": limit}, _("Remove the columns you do not need and save the file again."))


def too_long_text(place: Place) -> TooMuch:
    """A cell or a line that no table has."""
    return TooMuch(
        place,
        _("one text is longer than any cell can be."),
        _("Look for a quotation mark that is never closed, correct it and load the file again."),
    )


def too_much_text(place: Place) -> TooMuch:
    """More text than fits in memory beside everything else."""
    return TooMuch(place, _("there is more text in it than can be read at once."), _("Split it into several files."))


def no_sheet(place: Place, name: str) -> Unreadable:
    """The workbook has no sheet of that name."""
    return Unreadable(place, _("there is no sheet “%(name)s”.") % {"name": name}, _("Choose one of its sheets."))


REASONS: dict[str, tuple[Text, Text]] = {
    "bytes": (
        gettext_lazy("some letters of “%(text)s” are unreadable."),
        gettext_lazy("Choose the right encoding, or correct this cell in the file."),
    ),
    "error": (
        gettext_lazy("the cell shows the error “%(text)s”."),
        gettext_lazy("Correct the formula or type the value in its place."),
    ),
    "uncounted": (
        gettext_lazy("the formula “%(text)s” has no value in the file."),
        gettext_lazy("Open the file in your spreadsheet program, save it there and load it again."),
    ),
    "external": (
        gettext_lazy("the formula “%(text)s” takes its value from another file."),
        gettext_lazy("Put the value itself in the cell."),
    ),
    "date": (
        gettext_lazy("“%(text)s” is no date of the calendar."),
        gettext_lazy("Correct the date in the file."),
    ),
    "number": (
        gettext_lazy("“%(text)s” is not a number."),
        gettext_lazy("Correct the cell in the file, or choose another field for this column."),
    ),
    "long": (
        gettext_lazy("the text “%(text)s” is too long."),
        gettext_lazy("Shorten it in the file."),
    ),
    "photo": (
        gettext_lazy("the photo is too large: %(text)s."),
        gettext_lazy("Add a smaller photo by hand."),
    ),
    "ambiguous number": (
        gettext_lazy("“%(text)s” can be read in two ways, and the rest of the column does not tell which."),
        gettext_lazy("Say which sign parts the decimals in this column, or write them in the file for certain."),
    ),
    "ambiguous date": (
        gettext_lazy("in “%(text)s” it is not certain which number is the day and which the month."),
        gettext_lazy("Say in which order this column has them, or write the dates as 2026-12-31 in the file."),
    ),
    "percent": (
        gettext_lazy("“%(text)s” is a percentage among plain numbers; they cannot be added."),
        gettext_lazy("Correct the format of this cell or its value in the file."),
    ),
    "no percent": (
        gettext_lazy("“%(text)s” is a plain number among percentages; they cannot be added."),
        gettext_lazy("Correct the format of this cell or its value in the file."),
    ),
    "currency": (
        gettext_lazy("“%(text)s” is in another currency than the rest of the column; they cannot be added."),
        gettext_lazy("Load each currency on its own, or correct the cell."),
    ),
    "kind": (
        gettext_lazy("“%(text)s” is not a number like the rest of the column."),
        gettext_lazy("Correct the format of this cell or its value in the file."),
    ),
    "digits": (
        gettext_lazy("the last digits of the number “%(text)s” were lost when the file was saved."),
        gettext_lazy("Type the number again in a cell of the text format, or take it from the program it came from."),
    ),
}


def of_cell(place: Place, text: str, reason: str) -> Unreadable:
    """The problem of one cell for a reason of REASONS."""
    what, todo = REASONS[reason]
    shown = text if len(text) <= 80 else text[:79] + "…"
    told = Unreadable(place, str(what) % {"text": shown}, todo)
    told.reason, told.shown = reason, shown
    return told


def of_error(place: Place, cell: Cell) -> Unreadable:
    """The problem of a cell of the kind "error"."""
    return of_cell(place, cell.text, cell.reason or "error")


def column_name(header: tuple[str, ...], index: int) -> str:
    """How a person finds a column: its heading, with the letter where headings are missing or stand twice."""
    heading = header[index] if index < len(header) else ""
    if not heading:
        return letter(index)
    return f"{heading} ({letter(index)})" if header.count(heading) > 1 else heading
