"""One run over a generated base: start, first visits, pages, writings, memory."""

import time
from uuid import UUID

from django.conf import settings
from django.db import connections

from comity.config.bench import figures, servers, visits
from comity.config.bench.figures import Figure
from comity.config.bench.generate import House
from comity.config.bench.servers import Server
from comity.config.bench.stopwatch import Request, ask, measure
from comity.config.bench.visits import Visitor
from comity.ui import lists

SETTLE = 2.0  # seconds for a server to come to rest
WRITING_ROUNDS = 0.5  # of the rounds of reading
LANGUAGES = (("en", "English"), ("ru", "Russian"), ("ar", "Arabic"))


def run(house: House, rounds: int) -> list[Figure]:
    """Measure everything; the figures in the order of the report."""
    settings.ALLOWED_HOSTS = ["*"]  # of this process: the pages whose queries are counted are made here
    visitors = [
        Visitor.enter("wide", house.wide), Visitor.enter("narrow", house.narrow),
        Visitor.enter("shares only", house.guest),
    ]  # fmt: skip
    served, reference = servers.house(), servers.reference()
    served.start()
    served.stop()
    found = [Figure("second start", round(served.start(), 2), figures.SECOND_START, "s")]
    reference.start()
    try:
        time.sleep(SETTLE)
        ask(served.port, Request("/people/", visitors[0].cookie))
        found.append(Figure("memory, idle", round(served.memory(), 1), figures.IDLE_MB, "MB"))
        found += _pages(served, reference, visitors, rounds)
        found += _visits(served, visitors[0])
        found += _queries(visitors)
        found.append(Figure("memory, loaded", round(served.memory(), 1), figures.LOADED_MB, "MB"))
    finally:
        served.stop()
        reference.stop()
        connections.close_all()
    return found


def _pages(served: Server, reference: Server, visitors: list[Visitor], rounds: int) -> list[Figure]:
    """Reading and writing apart, so that the worker's part in the writing does not slow the reading."""
    reading = [case for visitor in visitors for case in visits.readings(visitor)]
    taken: set[UUID] = set()
    writing = [case for visitor in visitors for case in visits.writings(visitor, taken)]
    found = []
    for name, cases, times in (
        ("reference", reading, rounds),
        ("reference beside writing", writing, max(5, int(rounds * WRITING_ROUNDS))),
    ):
        clocks, bare = measure(served, reference, cases, times)
        found.append(figures.bare(name, bare))
        found += [figures.timed(case, clock, bare) for case, clock in clocks.items()]
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


def _queries(visitors: list[Visitor]) -> list[Figure]:
    return [
        Figure(f"queries, {page} ({visitor.name})", number, figures.QUERIES, "")
        for visitor in visitors
        for page, number in visits.queries(visitor).items()
    ]
