"""Tables from files: CSV, XLSX, ODS and vCard behind one contract; what cannot be vouched for is refused by name.

    source = open_sheet(path, "clients.xlsx")
    for row in source.rows():
        row.cells[0].kind, row.cells[0].value

`guess` reads numbers and dates that are written as text, by column; `columns` adds columns up and compares the sums
with what the sheet itself says.
"""

from comity.kernel.sheets.cells import Cell, Row
from comity.kernel.sheets.opening import open_sheet
from comity.kernel.sheets.problems import Place, TooMuch, Unreadable
from comity.kernel.sheets.source import Source
from comity.kernel.sheets.totals import Sum

__all__ = ["Cell", "Place", "Row", "Source", "Sum", "TooMuch", "Unreadable", "open_sheet"]
