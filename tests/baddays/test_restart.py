"""PostgreSQL goes down and comes back under load: what was acknowledged is there once, and all goes on by itself."""

import re
import threading
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from support.installation import Installation
from support.postgres import CrashProof
from support.visitor import LiveStream, Visitor
from support.waiting import eventually

TECHNICAL = re.compile(
    r"traceback|exception|operationalerror|postgres|psycopg|\bsql\b|connection refused", re.IGNORECASE
)
ENOUGH = 4  # saves of each client before the fall, and after it


@pytest.fixture
def cluster(engine: str) -> Iterator[CrashProof]:
    """A server of this test's own."""
    if engine != "postgresql":
        pytest.skip("SQLite has no server to restart")
    made = CrashProof()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def comity(cluster: CrashProof, tmp_path) -> Iterator[Installation]:
    """The real server on that base."""
    installation = Installation(tmp_path, cluster.url("postgres")).init().start()
    yield installation
    installation.stop()


class Client(threading.Thread):
    """Saves one field of a card again and again and reads pages in between; sends again what was not acknowledged."""

    def __init__(self, visitor: Visitor, number: int) -> None:
        super().__init__()
        self.visitor, self.number = visitor, number
        made = visitor.post("/companies/new", name=f"Client {number}", idempotency=f"new-{number}")
        self.url = made.headers["location"]
        self.saved, self.refused = 0, 0
        self.strange: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        for n in count(1):
            while not self.save(n) and not self.strange:
                pass
            if self.strange or self.stopping.is_set():
                return
            for path in (self.url, "/companies/"):
                page = self.visitor.get(path)
                self.judge(page.status, page.text, 200)

    def save(self, n: int) -> bool:
        """Try once; was it acknowledged?"""
        form = {"version": str(n), "legal_name": f"save {n}", "idempotency": f"{self.number}-{n}"}
        answer = self.visitor.post(f"{self.url}/fields/legal_name", **form)
        self.judge(answer.status, answer.text, 302)
        if answer.status != 302:
            return False
        self.saved = n
        return True

    def judge(self, status: int, text: str, fine: int) -> None:
        """A page is right, or says calmly that the base is away."""
        self.refused += status == 503
        if status not in (fine, 503) or (status == 503 and TECHNICAL.search(text)):
            self.strange.append(f"{status}: {text[:2000]}")


def test_a_restart_under_load_loses_nothing_and_heals(cluster: CrashProof, comity: Installation) -> None:
    children = comity.children()
    ann = Visitor(comity).log_in()
    stream = LiveStream(ann)
    clients = [Client(ann, number) for number in range(4)]
    for client in clients:
        client.start()
    try:
        reach(clients, dict.fromkeys(clients, ENOUGH))
        cluster.halt()
        assert eventually(lambda: all(client.refused for client in clients)), "nobody has noticed"
        cluster.launch()
        reach(clients, {client: client.saved + ENOUGH for client in clients})
    finally:
        for client in clients:
            client.stopping.set()
        for client in clients:
            client.join(30)
    assert [client.strange for client in clients] == [[]] * 4
    for client in clients:
        assert saves(cluster, client) == [f"save {n}" for n in range(1, client.saved + 1)]

    cluster.halt()
    cluster.launch()  # while nobody asked anything
    assert {ann.get("/companies/").status for _ in range(24)} == {200}, "no page thread trips over a dead connection"

    stream.topics.clear()
    late = ann.post("/companies/new", name="Afterwards", idempotency="afterwards").headers["location"]
    assert eventually(lambda: late in ann.find("Afterwards")), "the worker goes on"
    assert eventually(lambda: "company" in stream.topics), "the open stream goes on"
    assert comity.children() == children, "nothing had to be started anew"
    assert "Traceback" not in comity.log()
    stream.close()


def reach(clients: list[Client], goals: dict[Client, int]) -> None:
    """Wait until each client has saved so often."""
    assert eventually(
        lambda: any(client.strange for client in clients) or all(client.saved >= goals[client] for client in clients)
    ), [client.saved for client in clients]


def saves(cluster: CrashProof, client: Client) -> list[str]:
    """The values the card's field was given, by its events; the last is what stands there."""
    key = client.url.rpartition("/")[2]
    with psycopg.connect(cluster.url("postgres")) as connection:
        payloads = connection.execute(
            "SELECT payload FROM timeline_event WHERE primary_id = %s AND type = 'record.updated' ORDER BY id", [key]
        ).fetchall()
        (kept,) = connection.execute("SELECT legal_name FROM parties_company WHERE id = %s", [key]).fetchone()
    assert kept == f"save {client.saved}"
    return [payload["changes"]["legal_name"][1] for (payload,) in payloads]
