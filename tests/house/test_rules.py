"""House rules that a machine can check, over the source text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import comity

pytestmark = pytest.mark.alike
ROOT = Path(comity.__file__).parent
MAX_LINES = 400
# Who may act as the house itself: consumers, jobs, command line, first set-up, demo data.
SYSTEM_ACTORS = {
    "access/actors.py", "search/", "notices/", "config/", "packs/", "identity/", "changes/installation.py",
    "sales/leads/",  # clocks that stop with a finished call, answers that are late
    "work/tasks/",  # next steps, alarms, series go on whoever looks
    "sales/deals/signals.py",  # every morning: which deals are stuck, whoever looks
    "api/webhooks/events.py",  # an address that is gone or fails for days is switched off
    "exchange/duplicates/",  # looks through the whole base, whoever asked
    "exchange/keeping/",  # what nobody touches is put away by rules, whoever looks
    "changes/field_use.py",  # how much fields are used, whoever asks; what nobody uses is put away
    "exchange/exports/whole/",  # the whole base is loaded before anybody is in it
    "changes/recount.py",  # formulas count all cards, whoever looks
    "changes/openings.py",  # terms of access end by the clock
    "changes/entrance.py",  # a wrong password: whose hand it was is not known
}  # fmt: skip
# Who may open the closed manager: rights grant, the writer writes, lists ask what rights granted.
UNGUARDED = {"access/", "changes/", "records/", "search/", "ui/lists.py", "config/", "packs/"}
# Who may go past the managers of tables altogether: what takes a table as it is, whatever stands in it, whoever asks.
WHOLE_TABLES = {
    "records/json_access.py",  # the words of an index
    "config/archive/",  # backup and restore
    "packs/",  # the sample goes as it came
    "exchange/exports/whole/", "exchange/exports/support.py",  # for administrators: the whole base, counts of rows
    "exchange/merging/movers.py", "exchange/merging/rows.py",  # all that hangs on a card, seen by who merges or not
}  # fmt: skip
WRITES = re.compile(
    r"\.objects\b[^\n]*\.(update|delete|create|bulk_create|bulk_update|get_or_create|update_or_create)\("
)


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" not in name:
            yield name, path.read_text()


def test_files_stay_short() -> None:
    assert not {name: count for name, text in sources() if (count := text.count("\n")) > MAX_LINES}


def test_every_room_and_public_function_says_what_it_does() -> None:
    silent = []
    for name, text in sources():
        tree = ast.parse(text)
        if not ast.get_docstring(tree):
            silent.append(name)
        for node in tree.body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named and not ast.get_docstring(node) and not _is_plain(node):
                silent.append(f"{name}:{node.lineno} {node.name}")
    assert not silent


def _is_plain(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """A room's registration with Django explains itself."""
    return isinstance(node, ast.ClassDef) and any("AppConfig" in ast.unparse(base) for base in node.bases)


def test_the_house_itself_acts_only_where_listed() -> None:
    found = [name for name, text in sources() if re.search(r"(?<![\w.])(actors\.)?system\(", text)]
    assert not [name for name in found if not name.startswith(tuple(SYSTEM_ACTORS))]


def test_the_closed_manager_is_opened_only_where_listed() -> None:
    found = [name for name, text in sources() if ".unguarded" in text]
    assert not [name for name in found if not name.startswith(tuple(UNGUARDED))]


def test_tables_are_taken_past_their_managers_only_where_listed() -> None:
    """The other way round the closed manager: no less narrow."""
    found = {name for name, text in sources() if "_base_manager" in text}
    assert not [name for name in found if not name.startswith(tuple(WHOLE_TABLES))]
    assert not [place for place in WHOLE_TABLES if not any(name.startswith(place) for name in found)]


def test_pages_and_doors_write_nothing_themselves() -> None:
    """Pages, API and upper rooms change things through commands; drafts have their own small writer.

    The messages of webhooks are written by their commands, by what follows the events, and by who sends them.
    """
    webhooks = {f"api/webhooks/{name}.py" for name in ("commands", "consumer", "lanes", "sender", "signing")}
    allowed = {"ui/drafts.py", "parties/consents/commands.py", *webhooks}
    rooms = ("ui/", "api/", "parties/")
    found = [
        f"{name}: {match.group(0)}" for name, text in sources() if name.startswith(rooms) and name not in allowed
        for match in WRITES.finditer(text)
    ]  # fmt: skip
    assert not found


def test_html_is_put_together_only_by_cells_and_their_kin() -> None:
    """One escape rule: f-strings with tags stand in the few modules that escape what they put in."""
    allowed = {"ui/cells.py", "ui/rows.py", "ui/cards.py", "ui/names.py", "ui/steps.py", "work/today/lines.py"}
    found = []
    for name, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.JoinedStr) and name not in allowed:
                constant = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
                if re.search(r"<[a-z]+[ >]", constant):
                    found.append(f"{name}:{node.lineno}")
    assert not found


def test_nothing_names_a_machine_path_or_a_registry() -> None:
    forbidden = re.compile(r"/(root|home/\w+)/|pypi\.org|registry\.npmjs|deb\.debian\.org")
    assert not [name for name, text in sources() if forbidden.search(text)]
