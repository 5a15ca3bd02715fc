"""Charts as figures a template draws: bars beside words, and columns along time. Places are percent of the width, so
that letters keep their size on a phone; nothing here knows of colours but the number of a colour class."""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROW, THICK, HEAD = 46, 14, 18  # of a bar: the height of its row, of itself, and of the words above it
PLOT, FOOT, TOP = 150, 22, 20  # of columns: the height of the tallest, of the words below and above
LONGEST = 34  # letters of a word beside a bar


@dataclass(frozen=True)
class Part:
    """A coloured piece: place and size as attributes of SVG, its colour class."""

    x: str
    y: int
    width: str
    height: int
    hue: str


@dataclass(frozen=True)
class Bar:
    """A bar with the words above it; `goal` is the place of a mark, "" = none; `hot` is what the chart points at."""

    label: str
    value: str
    y: int
    parts: tuple[Part, ...]
    goal: str = ""
    hot: bool = False


@dataclass(frozen=True)
class Step:
    """A word below the columns; `minor` ones give way on a narrow screen."""

    label: str
    x: str
    minor: bool


@dataclass
class Chart:
    """What the template draws. `title` says the finding; `legend` names the colours: (class, word)."""

    kind: str  # bars | columns
    key: str
    title: str
    height: int
    bars: list[Bar] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    top: str = ""  # what the tallest column stands for
    legend: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """A bar as a report gives it: a word, the figure in words, its pieces (amount, colour class)."""

    label: str
    value: str
    pieces: Sequence[tuple[int, str]]
    goal: int | None = None
    hot: bool = False


@dataclass(frozen=True)
class Series:
    """One colour of stacked columns: its word, its class, an amount per step."""

    label: str
    hue: str
    amounts: Sequence[int]


def bars(
    key: str, title: str, lines: Sequence[Line], rtl: bool = False, legend: Sequence[tuple[str, str]] = ()
) -> Chart:
    """Bars one below the other, the longest over the whole width; they begin where reading does."""
    longest = max((max(_whole(line), line.goal or 0) for line in lines), default=0) or 1
    found = []
    for row, line in enumerate(lines):
        y, at, parts = row * ROW, 0, []
        for amount, hue in line.pieces:
            amount = max(amount, 0)
            place = longest - at - amount if rtl else at
            if amount:
                parts.append(Part(_percent(place, longest), y + HEAD, _percent(amount, longest), THICK, hue))
            at += amount
        goal = ""
        if line.goal is not None:
            goal = _percent(longest - line.goal if rtl else line.goal, longest)
        found.append(Bar(_cut(line.label), line.value, y, tuple(parts), goal, line.hot))
    return Chart("bars", key, title, len(lines) * ROW, bars=found, legend=list(legend))


def columns(key: str, title: str, labels: Sequence[str], series: Sequence[Series], top: str) -> Chart:
    """Columns along time, stacked when there are several series. Time runs as on a clock, in every language."""
    sums = [sum(max(one.amounts[n], 0) for one in series) for n in range(len(labels))]
    tallest = max(sums, default=0) or 1
    slot = 100 / max(len(labels), 1)
    width = min(slot * 0.7, 9)
    chart = Chart("columns", key, title, TOP + PLOT + FOOT, top=top if any(sums) else "")
    for n, label in enumerate(labels):
        middle = (n + 0.5) * slot
        chart.steps.append(Step(label, f"{middle:.2f}%", len(labels) > 4 and n % 3 != 0))
        floor = TOP + PLOT
        for one in series:
            height = round(max(one.amounts[n], 0) * PLOT / tallest)
            if height:
                floor -= height
                chart.parts.append(Part(f"{middle - width / 2:.2f}%", floor, f"{width:.2f}%", height, one.hue))
    if len(series) > 1:
        chart.legend = [(one.hue, one.label) for one in series]
    return chart


def _whole(line: Line) -> int:
    return sum(max(amount, 0) for amount, _hue in line.pieces)


def _percent(amount: int, whole: int) -> str:
    return f"{100 * amount / whole:.2f}%"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
