"""Files to be loaded, and a load carried through as the background does."""

import csv
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.imports.commands import BeginImport, MapImport, RunImport, TryImport, UndoImport
from comity.exchange.imports.model import Import
from comity.kernel import jobs, storage
from support.house import again


def table(rows: list[list[Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV file."""
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def begun(actor: Actor, content: bytes, name: str = "file.csv") -> Import:
    """A file taken in and read."""
    stored = storage.save(BytesIO(content), 50_000_000)
    result = run(again(actor), BeginImport(name, stored.sha256, stored.size))
    jobs.run_due()
    return Import.objects.get(pk=result.data["import"])


def fresh(load: Import) -> Import:
    """The import as it is now."""
    return Import.objects.get(pk=load.pk)


def mapped(actor: Actor, load: Import, **said: Any) -> Import:
    """With something said of its columns."""
    run(again(actor), MapImport(load.pk, **said))
    return fresh(load)


def tried(actor: Actor, load: Import) -> Import:
    """The dry run done."""
    run(again(actor), TryImport(load.pk))
    jobs.run_due()
    return fresh(load)


def loaded(actor: Actor, content: bytes | Import, name: str = "file.csv", **said: Any) -> Import:
    """A file loaded, as proposed but for what is said."""
    load = begun(actor, content, name) if isinstance(content, bytes) else content
    if said:
        mapped(actor, load, **said)
    assert tried(actor, load).state == "checked", fresh(load).problem
    run(again(actor), RunImport(load.pk))
    jobs.run_due()
    load = fresh(load)
    assert load.state == "done", (load.state, load.problem)
    return load


def taken_back(actor: Actor, load: Import) -> Import:
    """The load undone."""
    run(again(actor), UndoImport(load.pk))
    jobs.run_due()
    return fresh(load)


def column(load: Import, heading: str) -> int:
    """The place of a column."""
    return next(at for at, one in enumerate(load.found["columns"]) if one["name"] == heading)


def targets_of(load: Import) -> dict[str, str]:
    """{heading: what it fills}."""
    pairs = zip(load.found["columns"], load.mapping["columns"], strict=True)
    return {one["name"]: said["to"] for one, said in pairs}


def key(text: str) -> UUID:
    """A UUID of its text."""
    return UUID(text)
