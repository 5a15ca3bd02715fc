"""Text files of rows: any encoding, any delimiter, cells of several lines, quotation marks as people break them."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from comity.kernel.sheets import encodings, limits, problems
from comity.kernel.sheets.cells import NO_FLAGS, Cell, RawRow, error, from_text
from comity.kernel.sheets.source import Source

DELIMITERS = (";", "\t", ",", "|")
_QUOTING = frozenset(("quoting",))
_SAMPLE_LINES = 60
_MARKS = re.compile('"+')
_MARKS_OF_A_CELL = 200  # looked at for its end where marks are broken

csv.field_size_limit(max(csv.field_size_limit(), limits.LINE * 2))


class DelimitedSource(Source):
    """A CSV file. `delimiter` is "" where every line is one cell."""

    format = "csv"

    def __init__(self, path: Path, name: str, *, encoding: str = "", delimiter: str = "") -> None:
        super().__init__(path, name)
        self.encoding = _usual(path, encoding) if encoding else encodings.detect(path)
        try:
            "".encode(self.encoding)
        except LookupError:
            what = _("the encoding “%(name)s” is not known.") % {"name": encoding}
            raise problems.Unreadable(self.place(), what, _("Choose another encoding.")) from None
        sample = self._sample()
        self._skipped = 0
        if sample and sample[0][:4].lower() == "sep=" and len(sample[0].strip()) == 5:
            delimiter, self._skipped = delimiter or sample[0][4], 1
        self.delimiter = delimiter or delimiter_of(sample)

    def _sample(self) -> list[str]:
        with self._open() as file:
            return list(islice(self._lines(file), _SAMPLE_LINES * 5))

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, errors="replace", newline="")

    def _lines(self, file: TextIO) -> Iterator[str]:
        first = True
        while line := file.readline(limits.LINE):
            if len(line) >= limits.LINE and line[-1] not in "\r\n":
                raise problems.too_long_text(self.place())
            yield line.removeprefix("\ufeff") if first else line
            first = False

    def raw(self) -> Iterator[RawRow]:
        """Every record of the file, numbered as a spreadsheet program would."""
        with self._open() as file:
            lines = self._lines(file)
            for number, (texts, notes) in enumerate(records(lines, self.delimiter), 1):
                if number > limits.ROWS + limits.HEADER_ROWS:
                    raise problems.too_many_rows(self.place(), limits.ROWS)
                if number <= self._skipped:
                    continue
                if len(texts) > limits.COLUMNS:
                    raise problems.too_many_columns(self.place(number), limits.COLUMNS)
                yield RawRow(number, [_cell(text) for text in texts], None, notes)


def _cell(text: str) -> Cell:
    if len(text) > limits.TEXT:
        return error(text[:80] + "…", "long")
    return from_text(text)


def _usual(path: Path, encoding: str) -> str:
    """The encoding a person chose, with a mark at the file's beginning taken off where there is one."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[list[str], frozenset[str]]]:
    """The records of physical lines, with what is to be noted of each.

    A record without quotation marks is split; one with them is read strictly; where that fails, its first line is
    read alone and forgivingly: a mark closes a cell only before a delimiter or the line's end. So one mark that is
    never closed spoils its own line and swallows no others.
    """
    ahead: deque[str] = deque()
    widths: dict[int, int] = {}
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        if '"' not in line:
            plain = line.rstrip("\r\n")
            yield (plain.split(delimiter) if delimiter else [plain]), NO_FLAGS
            continue
        taken = [line]
        texts = _quoted(taken, lines, ahead, delimiter, widths)
        if texts is None:
            ahead.extendleft(reversed(taken[1:]))
            yield _forgiving(line.rstrip("\r\n"), delimiter), _QUOTING
        else:
            widths[len(texts)] = widths.get(len(texts), 0) + 1
            yield texts, NO_FLAGS


def _quoted(
    taken: list[str], lines: Iterator[str], ahead: deque[str], delimiter: str, widths: dict[int, int]
) -> list[str] | None:
    """The cells of a record that begins with the line in `taken`, which grows by the lines it needs; None: broken."""
    texts = _strict(taken[0], delimiter)
    if texts is not None or taken[0].count('"') % 2 == 0:
        return texts
    length, open_ = len(taken[0]), True
    while open_:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return None
        taken.append(line)
        length += len(line)
        if len(taken) > limits.QUOTED_LINES or length > limits.LINE:
            return None
        open_ ^= line.count('"') % 2 == 1
    texts = _strict("".join(taken), delimiter)
    if texts is not None and widths and len(texts) not in widths:
        alone = len(_forgiving(taken[0].rstrip("\r\n"), delimiter))
        if alone in widths:
            return None  # a lone mark met another some lines on: as rows they fit, as one record not
    return texts


def _strict(text: str, delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader([text], delimiter=delimiter or "\x1f", strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _forgiving(line: str, delimiter: str) -> list[str]:
    """The cells of one line with broken marks: none of its letters is lost."""
    if not delimiter:
        return [line]
    texts: list[str] = []
    at = 0
    while len(texts) < limits.COLUMNS:
        end = _closing(line, at, delimiter) if line.startswith('"', at) else -1
        if end > 0:
            texts.append(line[at + 1 : end].replace('""', '"'))
            end += 1
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            texts.append(line[at:end])
        if end >= len(line):
            return texts
        at = end + 1
    return [*texts, line[at:]]


def _closing(line: str, at: int, delimiter: str) -> int:
    """Where the cell that begins with a mark ends: the first mark before a delimiter or the end; -1: nowhere.

    A pair of marks before a delimiter is a written mark, unless single marks stood in the cell before.
    """
    broken = False
    for match in islice(_MARKS.finditer(line, at + 1), _MARKS_OF_A_CELL):
        odd, end = len(match[0]) % 2 == 1, match.end()
        if end == len(line) or (line[end] == delimiter and (odd or broken)):
            return end - 1
        broken = broken or odd
    return -1


def delimiter_of(lines: list[str]) -> str:
    """The delimiter that parts the lines most evenly; "" where none does."""
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen = ""
    for rank, delimiter in enumerate(DELIMITERS):
        widths = _widths(lines, delimiter)
        wide = [width for width in widths if width > 1]
        if not wide or (widths[0] == 1 and _within_texts(lines, delimiter)):
            continue
        common = max(set(wide), key=wide.count)
        even = wide.count(common) / len(widths)
        score = (round(even * 4) / 4 if even >= 0.5 else even, common, -rank)
        if even >= 0.3 and score > best:
            best, chosen = score, delimiter
    return chosen


def _widths(lines: list[str], delimiter: str) -> list[int]:
    found = islice(records(iter(lines), delimiter), _SAMPLE_LINES)
    return [len(texts) for texts, _notes in found if any(text.strip() for text in texts)]


def _within_texts(lines: list[str], delimiter: str) -> bool:
    """Whether a space follows the sign wherever it stands: so it is used in sentences, not between cells."""
    return all(line.count(delimiter) == line.count(delimiter + " ") for line in lines)
