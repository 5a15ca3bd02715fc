"""One run over a generated base: start, first visits, pages, writings, memory."""

import time
from uuid import UUID

from django.conf import settings
from django.db import connections

from comity.config.bench import figures, imports, sales_visits, servers, visits
from comity.config.bench.figures import Figure
from comity.config.bench.generate import House
from comity.config.bench.servers import Server
from comity.config.bench.stopwatch import Request, ask, measure
from comity.config.bench.visits import Visitor
from comity.ui import lists

SETTLE = 2.0  # seconds for a server to come to rest
REPORT_ROUNDS, WRITING_ROUNDS = 0.2, 0.5  # of the rounds of reading
MOST_WRITINGS = 150  # there are no more tasks to be finished
Pages = dict[str, str]  # addresses by name
LANGUAGES = (("en", "English"), ("ru", "Russian"), ("ar", "Arabic"))


def run(house: House, rounds: int) -> list[Figure]:
    """Measure everything; the figures in the order of the report."""
    settings.ALLOWED_HOSTS = ["*"]  # of this process: the pages whose queries are counted are made here
    visitors = [
        Visitor.enter("wide", house.wide), Visitor.enter("narrow", house.narrow),
        Visitor.enter("shares only", house.guest),
    ]  # fmt: skip
    pages = [(visitor, visitor.pages() | sales_visits.pages(visitor)) for visitor in visitors]
    served, reference = servers.house(), servers.reference()
    served.start()
    served.stop()
    found = [Figure("second start", round(served.start(), 2), figures.SECOND_START, "s")]
    reference.start()
    try:
        time.sleep(SETTLE)
        ask(served.port, Request("/people/", visitors[0].cookie))
        found.append(Figure("memory, idle", round(served.memory(), 1), figures.IDLE_MB, "MB"))
        found += _pages(served, reference, pages, Visitor.enter("director", house.director), rounds)
        found += _visits(served, visitors[0])
        found += _queries(pages)
        found.append(Figure("memory, loaded", round(served.memory(), 1), figures.LOADED_MB, "MB"))
    finally:
        served.stop()
        reference.stop()
        connections.close_all()
    return found + imports.figures()


def run_imports(house: House, size: int) -> list[Figure]:
    """Files coming in, and nothing else; the long one has as many rows as the base has people, at most LONG."""
    settings.ALLOWED_HOSTS = ["*"]
    visitor = Visitor.enter("wide", house.wide)
    return imports.figures() + imports.long_file(visitor.cookie, "/people/", min(imports.LONG, size))


def _pages(
    served: Server, reference: Server, pages: list[tuple[Visitor, Pages]], director: Visitor, rounds: int
) -> list[Figure]:
    """Reading, reports and writing apart: the long do not stand in the way of the short, nor the worker's part in the
    writing in that of the reading."""
    reading = [case for visitor, some in pages for case in visits.readings(visitor, some)]
    taken: set[UUID] = set()
    writing = [
        case for visitor, _some in pages
        for case in (*visits.writings(visitor, taken), *sales_visits.writings(visitor, taken))
    ]  # fmt: skip
    found = []
    for name, cases, times, told in (
        ("reference", reading, rounds, figures.timed),
        ("reference beside reports", sales_visits.reports_of(director), int(rounds * REPORT_ROUNDS), figures.plain),
        ("reference beside writing", writing, min(MOST_WRITINGS, int(rounds * WRITING_ROUNDS)), figures.timed),
    ):
        clocks, bare = measure(served, reference, cases, max(5, times))
        found.append(figures.bare(name, bare))
        found += [told(case, clock, bare) for case, clock in clocks.items()]
        if told is figures.plain:
            found.append(figures.plain("funnel, its query (director)", sales_visits.funnel_query(director), bare))
    return found


def _visits(served: Server, visitor: Visitor) -> list[Figure]:
    found = []
    for code, language in LANGUAGES:
        first = visits.first_visit(served.port, visitor, code)
        found.append(Figure(f"first visit, {language}", round(first.sent / 1000, 1), figures.FIRST_KB, "KB"))
        found.append(Figure(f"its requests, {language}", first.requests, figures.FIRST_REQUESTS, ""))
        answer = ask(served.port, Request(visitor.below(lists.PAGE), visitor.cookie))
        sent = (len(answer.head) + 4 + len(answer.sent)) / 1000
        found.append(Figure(f"next page, {language}", round(sent, 1), figures.NEXT_KB, "KB"))
    return found


def _queries(pages: list[tuple[Visitor, Pages]]) -> list[Figure]:
    return [
        Figure(f"queries, {page} ({visitor.name})", number, figures.QUERIES, "")
        for visitor, some in pages
        for page, number in visits.queries(visitor, some).items()
    ]
