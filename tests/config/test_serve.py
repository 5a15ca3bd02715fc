"""The real server: one process group that heals itself, stops at once and leaves nothing behind."""

import gzip
import os
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from support.installation import ADMINISTRATOR, PASSWORD, Installation
from support.visitor import LiveStream, Visitor
from support.waiting import eventually


@pytest.fixture
def running(make_installation):
    """A base of its own and its server: these tests kill parts of it."""
    installation = make_installation().init().start()
    yield installation
    installation.stop(signal.SIGKILL)


def gone(pid: int) -> bool:
    """Has the process ended (or is only its entry left)?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_sigterm_stops_everything_and_an_open_connection_does_not_hinder(running):
    children = running.children()
    assert len(children) == 2
    with socket.create_connection(("127.0.0.1", running.port)):
        assert running.stop() == 0
    assert all(gone(pid) for pid in children)
    assert not running.answers()
    assert "Traceback" not in running.log()


def test_an_open_live_stream_tells_of_a_change_and_does_not_hinder_a_stop(running):
    ann = Visitor(running).log_in()
    stream = LiveStream(ann)
    assert ann.post("/companies/new", name="Orchard", idempotency="once").status == 302
    assert eventually(lambda: "company" in stream.topics)
    assert running.stop() == 0
    assert stream.ended.wait(10)
    assert "graceful" not in running.log(), "nobody had to be cut off"


def test_children_leave_when_the_supervisor_is_killed(running):
    children = running.children()
    running.stop(signal.SIGKILL)
    assert eventually(lambda: all(gone(pid) for pid in children))
    assert running.start().answers(), "the port is free for the next start"


@pytest.mark.parametrize("which", [0, 1], ids=["web", "worker"])
def test_a_child_that_dies_is_replaced(running, which):
    before = running.children()
    os.kill(before[which], signal.SIGKILL)
    assert eventually(lambda: len(now := running.children()) == 2 and before[which] not in now)
    assert before[1 - which] in running.children()
    assert running.answers()


def test_a_busy_port_is_named_in_a_sentence(running):
    other = running.run("serve")
    assert other.returncode == 1
    assert f"Port {running.port} is in use" in other.stderr
    assert "Traceback" not in other.stderr


def test_static_files_are_kept_for_ever_under_their_hashed_name(live_comity):
    plain, headers = get(live_comity, "/static/ui/icons.svg")
    assert headers["cache-control"] == "no-cache"
    hashed = f"/static/ui/icons.{headers['etag'].strip(chr(34))}.svg"
    body, headers = get(live_comity, hashed, **{"Accept-Encoding": "gzip"})
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain
    assert status(live_comity, hashed, **{"If-None-Match": headers["etag"]}) == 304
    for wrong in ("/static/ui/none.css", "/static/../settings.py", "/static/ui/..%2f..%2fassets.py", "/static/ui"):
        assert status(live_comity, wrong) == 404


@pytest.mark.alike
def test_only_the_installations_own_names_are_answered(make_installation):
    named = make_installation(engine="sqlite", COMITY_URL="https://crm.example.com").init().start()
    good = "/static/ui/icons.svg"
    assert status(named, good, Host="crm.example.com") == 200
    for path in (good, "/", "/live"):
        assert status(named, path, Host="evil.example.com") == 400
    assert status(named, good, **{"X-Forwarded-Host": "evil.example.com"}) == 200


@pytest.mark.alike
@pytest.mark.parametrize(
    ("trusted", "believed"),
    [("", False), ("192.0.2.1", False), ("192.0.2.1, 127.0.0.0/8", True)],
    ids=["none", "another", "among others"],
)
def test_forwarded_addresses_are_believed_from_the_trusted_proxy_only(make_installation, trusted, believed):
    installation = make_installation(engine="sqlite", COMITY_TRUSTED_PROXY=trusted).init().start()
    forwarded = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}  # the first is what the visitor himself claims
    page = Visitor(installation, forwarded).log_in().get("/settings/security").text
    installation.stop()
    shown = {address for address in ("127.0.0.1", "198.51.100.9", "203.0.113.7") if address in page}
    assert shown == {"203.0.113.7" if believed else "127.0.0.1"}


def test_what_a_visitor_says_of_https_changes_no_cookie(live_comity):
    answer = Visitor(live_comity, {"X-Forwarded-Proto": "https"}).post(
        "/login", username=ADMINISTRATOR, password=PASSWORD
    )
    assert "secure" not in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" not in answer.headers


def get(installation: Installation, path: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    """The body and headers of an answer with status 200."""
    request = urllib.request.Request(f"{installation.url}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def status(installation: Installation, path: str, **headers: str) -> int:
    """The status of an answer."""
    request = urllib.request.Request(f"{installation.url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
