"""How fast a file comes in, each row up to three cards with matching and events, and how much memory it takes."""

import csv
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from time import monotonic

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.config.bench.figures import Figure
from comity.exchange.imports import running
from comity.exchange.imports.commands import BeginImport, RunImport, TryImport
from comity.exchange.imports.model import Import
from comity.identity.models import User
from comity.kernel import storage
from comity.kernel.transaction import write_transaction

ROWS = 5_000
ROW_MS = 1.0  # that is 1,000 rows a second
MEMORY_MB = 400
HEADER = (
    "ID", "Название сделки", "Бюджет", "Ответственный", "Дата создания сделки", "Этап сделки", "Полное имя контакта",
    "Компания контакта", "Мобильный телефон", "Рабочий email", "Должность", "Примечание",
)  # fmt: skip


def figures(rows: int = ROWS) -> list[Figure]:
    """Read, try out and load a file of so many rows into the base there is; its figures."""
    actor = _importer()
    stored = storage.save(BytesIO(file_of(rows)), 10**9)
    load = run(actor, BeginImport("bench.csv", stored.sha256, stored.size)).data["import"]
    took: dict[str, float] = {}
    with _timed(took, "read"):
        running.go(Import.objects.get(pk=load))
    run(actor, TryImport(load))
    with _timed(took, "tried out"):
        running.go(Import.objects.get(pk=load))
    run(actor, RunImport(load))
    with _timed(took, "loaded"):
        running.go(Import.objects.get(pk=load))
    done = Import.objects.get(pk=load)
    assert done.state == "done" and not done.counts["refused"], (done.state, done.problem, done.counts)  # noqa: S101
    found = [
        Figure(f"import, a row {name}", round(seconds / rows * 1000, 2), ROW_MS if name == "loaded" else None, "ms")
        for name, seconds in took.items()
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*found, Figure("import, memory at most", round(memory), MEMORY_MB, "MB")]


@contextmanager
def _timed(took: dict[str, float], name: str) -> Iterator[None]:
    began = monotonic()
    yield
    took[name] = monotonic() - began


def _importer() -> Actor:
    with write_transaction():
        user = User.objects.create(name="Import", email_fold="import@bench.example", administrator=True)
        changed()
    return user_actor(user.id)


def file_of(rows: int) -> bytes:
    """A file of deals with their clients, as a known program writes it: every second row another firm."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER)
    for n in range(rows):
        writer.writerow([
            n + 1, f"Поставка {n}", f"{n * 7 % 90_000},50", "Import", "03.02.2024 10:15:00",
            "Успешно реализовано" if n % 3 else "Новая", f"Пробный{n} Пётр Ильич", f"Завод пробный {n // 2}",
            f"+7916{n:07d}", f"probe{n}@bench.example", "Директор", "",
        ])  # fmt: skip
    return out.getvalue().encode()
