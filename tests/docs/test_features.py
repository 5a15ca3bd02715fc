"""docs/features.md: every row of the feature table once, and every test it names exists."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAST = {
    "R": 22, "L": 18, "Q": 8, "T": 8, "E": 6, "C": 8, "P": 10, "B": 14, "A": 20, "M": 11, "S": 10, "X": 6, "K": 7,
    "H": 9, "W": 4, "Z": 15, "D": 10, "I": 5, "U": 7, "V": 9,
}  # fmt: skip
IDS = {f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)}


def rows() -> list[list[str]]:
    """The cells of every row: id, feature, state, where, tests."""
    lines = (ROOT / "docs" / "features.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "Id"]


def defined_in(path: Path) -> set[str]:
    """The names of the tests a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            found.add(node.name)
    return found


def test_every_row_stands_once() -> None:
    assert len(IDS) == 207
    listed = [row[0] for row in rows()]
    assert sorted(listed) == sorted(IDS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_keeps_its_word(row: list[str]) -> None:
    _key, feature, state, where, shown = row
    assert 3 <= len(feature.split()) <= 8, "a title of a few words"
    assert state in ("works", "partly", "not yet")
    assert bool(where) == bool(shown) == (state != "not yet")
    for name in filter(None, shown.split(", ")):
        path, _colons, test = name.strip("`").partition("::")
        assert (ROOT / path).is_file(), f"{path} is missing"
        assert test in defined_in(ROOT / path), f"{name} is missing"
