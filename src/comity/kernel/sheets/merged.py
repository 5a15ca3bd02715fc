"""Merged cells: the value stands in the first; those covered are told from empty ones, and below it know its text."""

import re

from django.utils.translation import gettext as _

from comity.kernel.sheets import limits, problems
from comity.kernel.sheets.cells import COVERED, EMPTY, Cell, below
from comity.kernel.sheets.problems import Place

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")


def index_of(letters: str) -> int:
    """The column counted from 0 that has these letters."""
    index = 0
    for sign in letters:
        index = index * 26 + ord(sign) - 64
    return index - 1


class Merged:
    """The merged ranges of a sheet, met row by row from the top."""

    def __init__(self, ranges: list[str], place: Place) -> None:
        if len(ranges) > limits.MERGED:
            raise problems.unsafe(place, _("it has more merged cells than a table can have."))
        found = []
        for text in ranges:
            if match := _RANGE.fullmatch(text):
                left, right = index_of(match[1]), min(index_of(match[3]), limits.COLUMNS - 1)
                found.append((int(match[2]), int(match[4]), left, right))
        self._place = place
        self._ahead = sorted(found, reverse=True)
        self._here: list[tuple[int, int, int, int]] = []
        self._texts: dict[tuple[int, int], str] = {}  # of the first cells of ranges

    def cover(self, row: int, cells: list[Cell]) -> None:
        """Mark the covered cells of that row; rows must come in order."""
        while self._ahead and self._ahead[-1][0] <= row:
            self._here.append(self._ahead.pop())
        if not self._here:
            return
        self._here = [found for found in self._here if found[1] >= row]
        if len(self._here) > limits.COLUMNS:
            raise problems.damaged(self._place)  # they lie upon each other
        for first, last, left, right in self._here:
            if len(cells) <= right:
                cells.extend([EMPTY] * (right + 1 - len(cells)))
            if row == first and last > first:
                self._texts[first, left] = cells[left].text
            for column in range(left + (row == first), right + 1):
                cells[column] = COVERED
            if row > first:
                cells[left] = below(self._texts.get((first, left), ""))
            if row == last:
                self._texts.pop((first, left), None)
