"""How fast a file comes in, each row up to three cards with matching and events, how much memory it takes, and how
pages answer meanwhile.

Processor time is told beside the time on the clock: on a machine that others work on too, that is what can be compared.
"""

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from time import monotonic, process_time
from uuid import UUID

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.config.bench import servers
from comity.config.bench.figures import Figure
from comity.config.bench.servers import Server
from comity.config.bench.stopwatch import Clock, Request, ask
from comity.exchange.imports import running
from comity.exchange.imports.commands import BeginImport, RunImport, TryImport
from comity.exchange.imports.model import WORKING, Import
from comity.identity.models import User
from comity.kernel import storage
from comity.kernel.transaction import write_transaction

ROWS, LONG = 5_000, 100_000
ROW_MS = 1.0  # that is 1,000 rows a second
MEMORY_MB = 400
PAGE_MS = 500  # at most, of nearly all pages asked for while a file comes in
PAUSE = 0.25  # seconds between two pages
PATIENCE = 3600.0
HEADER = (
    "ID", "Название сделки", "Бюджет", "Ответственный", "Дата создания сделки", "Этап сделки", "Полное имя контакта",
    "Компания контакта", "Мобильный телефон", "Рабочий email", "Должность", "Примечание",
)  # fmt: skip
Times = dict[str, tuple[float, float]]


def figures(rows: int = ROWS) -> list[Figure]:
    """Read, try out and load a file of so many rows into the base there is; its figures."""
    actor = _importer("Import")
    load = _begun(actor, file_of(rows))
    took: Times = {}
    with _timed(took, "read"):
        running.go(Import.objects.get(pk=load))
    run(actor, TryImport(load))
    with _timed(took, "tried out"):
        running.go(Import.objects.get(pk=load))
    run(actor, RunImport(load))
    with _timed(took, "loaded"):
        running.go(Import.objects.get(pk=load))
    _check(load)
    return [
        Figure(f"import, a row {name}", round(seconds / rows * 1000, 2), ROW_MS if name == "loaded" else None, "ms",
               cpu=round(cpu / rows * 1000, 2))
        for name, (seconds, cpu) in took.items()
    ]  # fmt: skip


def long_file(cookie: str, page: str, rows: int = LONG) -> list[Figure]:
    """The same of a long file, by the worker of a house that serves pages meanwhile."""
    actor, served = _importer("Long import"), servers.house()
    served.start()
    try:
        pages, memory = Clock(), list[float]()
        load = _begun(actor, file_of(rows, ROWS, "Long import"))
        _wait(served, load, Request(page, cookie), Clock(), memory)
        run(actor, TryImport(load))
        _wait(served, load, Request(page, cookie), Clock(), memory)
        worker = served.pids[2]
        began, cpu = monotonic(), servers.cpu(worker)
        run(actor, RunImport(load))
        _wait(served, load, Request(page, cookie), pages, memory)
        seconds, cpu = monotonic() - began, servers.cpu(worker) - cpu
    finally:
        served.stop()
    _check(load)
    return [
        Figure("long import, a row, all that follows", round(seconds / rows * 1000, 2), None, "ms",
               cpu=round(cpu / rows * 1000, 2)),
        Figure("long import, memory of worker", round(max(memory, default=0)), MEMORY_MB, "MB"),
        Figure("page beside an import, usual", round(pages.p(50), 1), None, "ms"),
        Figure("page beside an import, p95", round(pages.p(95), 1), PAGE_MS, "ms"),
    ]  # fmt: skip


def _begun(actor: Actor, content: bytes) -> UUID:
    stored = storage.save(BytesIO(content), 10**9)
    return UUID(run(actor, BeginImport("bench.csv", stored.sha256, stored.size)).data["import"])


def _wait(served: Server, load: UUID, request: Request, clock: Clock, memory: list[float]) -> None:
    """Ask for pages until the background is through; note what the worker holds."""
    until = monotonic() + PATIENCE
    while Import.objects.filter(pk=load, state__in=WORKING).exists():
        answer = ask(served.port, request)
        if answer.status != 200 or monotonic() > until:
            raise SystemExit(f"Beside the import a page answered {answer.status}, or the import did not end.")
        clock.seconds.append(answer.seconds)
        memory.append(servers.held(served.pids[2]))
        time.sleep(PAUSE)


def _check(load: UUID) -> None:
    done = Import.objects.get(pk=load)
    if done.state != "done" or done.counts["refused"]:
        raise SystemExit(f"The import did not go through: {done.state} {done.problem} {done.counts}")


@contextmanager
def _timed(took: Times, name: str) -> Iterator[None]:
    began, cpu = monotonic(), process_time()
    yield
    took[name] = (monotonic() - began, process_time() - cpu)


def _importer(name: str) -> Actor:
    with write_transaction():
        address = f"{name.lower().replace(' ', '-')}@bench.example"
        user = User.objects.create(name=name, email_fold=address, administrator=True)
        changed()
    return user_actor(user.id)


def file_of(rows: int, start: int = 0, owner: str = "Import") -> bytes:
    """A file of deals with their clients, as a known program writes it: every second row another firm."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER)
    for n in range(start, start + rows):
        writer.writerow([
            n + 1, f"Поставка {n}", f"{n * 7 % 90_000},50", owner, "03.02.2024 10:15:00",
            "Успешно реализовано" if n % 3 else "Новая", f"Пробный{n} Пётр Ильич", f"Завод пробный {n // 2}",
            f"+7916{n:07d}", f"probe{n}@bench.example", "Директор", "",
        ])  # fmt: skip
    return out.getvalue().encode()
