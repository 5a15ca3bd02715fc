"""The refused rows of a load as a file of the original columns, with the reasons, to mend and load again."""

import csv
from io import StringIO

from django.utils.translation import gettext as _

from comity.exchange.imports.headings import MARK
from comity.exchange.imports.model import Import
from comity.exchange.imports.reading import opened
from comity.exchange.imports.shaping import Problems

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A text no spreadsheet program takes for a formula; readers take the sign off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def said(reasons: Problems) -> str:
    """The reasons of a row in one text."""
    return " ".join(f"{heading}: {text}" if heading else text for heading, text in reasons)


def table(load: Import) -> str:
    """The file; it begins with the mark that tells spreadsheet programs its encoding."""
    reasons = {
        position: said(why)
        for position, why in load.rows.filter(refused=True).order_by("position").values_list("position", "reasons")
    }
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    source = opened(load)
    heading = _("Why it was refused")
    writer.writerow([*source.header, f"{MARK} {heading}"])
    left = len(reasons)
    for row in source.rows():
        if not left:
            break
        if row.position in reasons:
            left -= 1
            cells = [harmless(cell.text) for cell in row.cells[: len(source.header)]]
            writer.writerow([*cells, reasons[row.position]])
    return "\ufeff" + out.getvalue()
