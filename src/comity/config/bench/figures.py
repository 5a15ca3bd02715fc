"""Figures beside their goals: one line each for people, one JSON object each for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from comity.config.bench.stopwatch import Clock

# (goal, never over) as ratio of server time to the reference's, by the first word of a figure's name.
RATIOS: dict[str, tuple[float | None, float | None]] = {
    "list": (2.0, 3.5), "search": (2.0, 3.5), "palette": (2.0, 3.5), "record": (2.0, 3.0), "create": (4.0, 4.0),
    "edit": (3.0, 3.0), "board": (2.5, 4.0), "totals": (None, None), "today": (2.5, None), "move": (3.0, None),
    "finish": (3.0, None),
}  # fmt: skip
REPORT_MS = 300  # of a report over 30,000 deals and their 300,000 moves
QUERIES = 12
IDLE_MB, LOADED_MB = 180, 260
FIRST_KB, FIRST_REQUESTS, NEXT_KB = 80, 8, 10
SECOND_START = 3.0


@dataclass(frozen=True)
class Figure:
    """One measured thing. `value` is compared with `goal` (at most); times are in milliseconds, sizes in bytes."""

    name: str
    value: float
    goal: float | None
    unit: str
    p50: float | None = None
    p95: float | None = None
    ratio: float | None = None
    cpu: float | None = None
    cpu_ratio: float | None = None
    limit: float | None = None  # a missed goal may not go beyond
    raw: int | None = None
    sent: int | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.goal is None or round(self.value, 2) <= self.goal


def timed(name: str, clock: Clock, reference: Clock) -> Figure:
    """The figure of a kind of request: its ratio is of the medians over the wire, cpu_ratio of processor times."""
    goal, limit = RATIOS[name.replace(",", " ").split()[0]]
    p50 = clock.p(50)
    ratio = p50 / reference.p(50)
    return Figure(
        name, round(ratio, 2), goal, "x", round(p50, 2), round(clock.p(95), 2), round(ratio, 2),
        round(clock.cpu_p50, 2), round(clock.cpu_p50 / reference.cpu_p50, 2), limit, clock.raw, clock.sent,
    )  # fmt: skip


def plain(name: str, clock: Clock, reference: Clock) -> Figure:
    """The figure of a report, whose goal is in milliseconds."""
    return Figure(
        name, round(clock.p(50), 1), REPORT_MS, "ms", round(clock.p(50), 2), round(clock.p(95), 2),
        round(clock.p(50) / reference.p(50), 2), round(clock.cpu_p50, 2),
        round(clock.cpu_p50 / reference.cpu_p50, 2), None, clock.raw, clock.sent,
    )  # fmt: skip


def bare(name: str, clock: Clock) -> Figure:
    """The reference's own figure."""
    return Figure(
        name, round(clock.p(50), 2), None, "ms", round(clock.p(50), 2), round(clock.p(95), 2), 1.0,
        round(clock.cpu_p50, 2), 1.0, None, clock.raw, clock.sent,
    )  # fmt: skip


def shown(figures: Iterable[Figure]) -> Iterable[str]:
    """Lines for people."""
    yield f"{'':<36}{'figure':>9}{'goal':>9}        {'p50':>7}{'p95':>8}{'cpu':>7}{'cpu x':>7}{'raw':>8}{'sent':>7}"
    for one in figures:
        goal = "" if one.goal is None else f"{one.goal:g} {one.unit}"
        verdict = "" if one.goal is None else "holds" if one.holds else "MISSED"
        line = f"{one.name:<36}{f'{one.value:g} {one.unit}':>9}{goal:>9} {verdict:<7}"
        if one.p50 is not None:
            line += f"{one.p50:>7.2f}{one.p95:>8.2f}{one.cpu:>7.2f}{one.cpu_ratio:>7.2f}{one.raw:>8}{one.sent:>7}"
        elif one.cpu is not None:
            line += f"{one.cpu:>22.2f}"
        yield line.rstrip()


def write(path: Path, figures: Iterable[Figure], engine: str, size: int) -> None:
    """One JSON object a line."""
    with path.open("w") as file:
        for one in figures:
            told = {"name": one.name, "engine": engine, "size": size} | asdict(one) | {"holds": one.holds}
            print(json.dumps({key: value for key, value in told.items() if value is not None}), file=file)
