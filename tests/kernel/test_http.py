"""The door to other servers opens outward only."""

import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comity.kernel import http
from comity.kernel.errors import Invalid, TooLarge


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen, self.done = [], threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
        getattr(self, "at_" + self.path.strip("/").partition("/")[0].partition("?")[0])()

    do_POST = do_GET  # noqa: N815 - the name is http.server's

    def _answer(self, status=200, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def at_hello(self):
        self._answer(body=b'{"a": 1}', **{"X-One": "1"})

    def at_missing(self):
        self._answer(404, b"no")

    def at_to(self):
        self._answer(302, Location=self.path.partition("/to/")[2])

    def at_keep(self):
        self._answer(307, Location=self.path.partition("/keep/")[2])

    def at_loop(self):
        self._answer(302, Location="/loop")

    def at_big(self):
        self._answer(body=b"x" * 5000)

    def at_bomb(self):
        self._answer(body=gzip.compress(b"x" * 50_000_000), **{"Content-Encoding": "gzip"})

    def at_drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.done.wait(0.02):
            self.wfile.write(b"X: y\r\n")
            self.wfile.flush()

    def at_hang(self):
        self.server.done.wait()

    def at_rubbish(self):
        self.wfile.write(b"nonsense\r\n\r\n")

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with _Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.done.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def url(server, settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_an_answer_comes_whole(url, server):
    answer = http.fetch(url + "/hello?q=1", headers={"Authorization": "t"})
    assert (answer.status, answer.json(), answer.headers["x-one"]) == (200, {"a": 1}, "1")
    assert server.seen[0][1] == "/hello?q=1"
    assert server.seen[0][2]["authorization"] == "t"
    assert http.fetch(url + "/missing").status == 404
    with pytest.raises(http.Unreachable, match="understood"):
        http.fetch(url + "/missing").json()


def test_post_sends_its_body_and_a_redirect_turns_it_into_get(url, server):
    http.fetch(url + "/to//hello", method="POST", body=b"data", headers={"Content-Type": "text/plain"})
    http.fetch(url + "/keep//hello", method="POST", body=b"data")
    assert [(seen[0], seen[3]) for seen in server.seen] == [
        ("POST", b"data"), ("GET", b""), ("POST", b"data"), ("POST", b"data")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "2130706433", "0x7f.1", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[ff02::1]",
        "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    ],
)  # fmt: skip
def test_private_places_are_closed(address):
    for scheme in ("http", "https"):
        with pytest.raises(Invalid, match="private network"):
            http.check_address(f"{scheme}://{address}/")


@pytest.mark.parametrize("address", ["8.8.8.8", "[2606:4700::1111]", "[64:ff9b::808:808]"])
def test_public_places_are_open(address):
    http.check_address(f"https://{address}/")


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://a.example/", "file:///etc/passwd", "//a.example", "http://", "http://u:p@8.8.8.8/", "http://u@8.8.8.8/",
        "http://8.8.8.8:22/", "http://8.8.8.8:99999/", "http://8.8.8.8/a b", "http://8.8.8.8/\r\nX: y", "javascript:1",
    ],
)  # fmt: skip
def test_other_than_web_addresses_are_refused(url):
    with pytest.raises(Invalid):
        http.fetch(url)


def test_a_server_without_permission_is_never_touched(url, server, settings):
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(Invalid):
        http.fetch(url + "/hello")
    assert server.seen == []


def test_redirects_are_judged_again(url, server, settings):
    for target in (
        "http://127.0.0.2:8000/",
        "http://[::1]:8000/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ):
        with pytest.raises(Invalid):
            http.fetch(f"{url}/to/{target}")
    with pytest.raises(http.Unreachable, match="without end"):
        http.fetch(url + "/loop", max_redirects=2)
    assert [seen[1] for seen in server.seen].count("/loop") == 3
    assert http.fetch(url + "/loop", max_redirects=0).status == 302


def test_secrets_do_not_follow_to_another_host(url, server, settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1", "localhost"]
    other = url.replace("127.0.0.1", "localhost")
    http.fetch(f"{url}/to/{other}/hello", headers={"Authorization": "t", "X-Signature": "s", "Accept": "a/b"})
    names = {name.lower() for name in server.seen[1][2]}
    assert "accept" in names
    assert not names & {"authorization", "x-signature"}
    http.fetch(f"{url}/to//hello", headers={"Authorization": "t"})
    assert "authorization" in server.seen[3][2]


def test_a_name_that_changes_its_address_gains_nothing(server, settings, monkeypatch):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    port, asked, real = server.server_address[1], [], socket.getaddrinfo

    def changing(host, *args, **kwargs):
        if host != "rebind.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    assert http.fetch(f"http://rebind.example:{port}/hello").status == 200
    assert len(asked) == 1
    assert server.seen[0][2]["host"] == f"rebind.example:{port}"


def test_a_host_with_good_and_bad_addresses_is_reached_by_the_good_one(server, settings, monkeypatch):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    port, real = server.server_address[1], socket.getaddrinfo

    def mixed(host, *args, **kwargs):
        if host != "mixed.example":
            return real(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", mixed)
    assert http.fetch(f"http://mixed.example:{port}/hello").status == 200


@pytest.mark.parametrize("where", ["big", "bomb"])
def test_a_large_answer_is_cut_off(url, where):
    with pytest.raises(TooLarge):
        http.fetch(f"{url}/{where}", max_bytes=4999)
    assert len(http.fetch(url + "/big", max_bytes=5000).body) == 5000
    answer = http.fetch(f"{url}/{where}", max_bytes=4999, cut=True)
    assert (answer.status, answer.body) == (200, b"x" * 4999)


@pytest.mark.parametrize("where", ["drip", "hang", "rubbish"])
def test_a_server_that_drips_hangs_or_babbles_is_unreachable(url, where):
    # The server itself never ends: to come back at all is the proof.
    with pytest.raises(http.Unreachable):
        http.fetch(f"{url}/{where}", timeout=0.2)


def test_nobody_there_is_unreachable(settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(http.Unreachable):
            http.fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    with pytest.raises(http.Unreachable, match="no server"):
        http.fetch("http://nobody.invalid/")
