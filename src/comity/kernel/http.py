"""The only door to other servers: no way into private networks, bounded in time, size and redirects.

The name is resolved once, its addresses are judged, and the connection goes to a judged address: a name that changes
its answer in between (DNS rebinding) gains nothing. Proxies of the environment are not used.
"""

import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.kernel.errors import Invalid, Problem, TooLarge

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

AGENT = "Comity"
_CHUNK = 64 * 1024
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_KEPT_ACROSS_HOSTS = frozenset(("accept", "accept-language", "content-type", "user-agent"))
_LOADING = threading.Lock()
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Problem):
    """502: the other server does not answer, or not in time; worth another try later."""

    status = 502
    what = gettext_lazy("The other server cannot be reached.")
    kept = gettext_lazy("Your data is saved here.")
    todo = gettext_lazy("Check the address and try again later.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` by lower-case name, `url` the last address after redirects."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON; Unreachable if it is none (the other server does not speak as agreed)."""
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise Unreachable(_("The other server gave an answer that cannot be understood.")) from exc


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 10.0,
    max_bytes: int = 1_000_000,
    max_redirects: int = 3,
    cut: bool = False,
) -> Answer:
    """One exchange with an outside server; any HTTP status is an answer, nothing is raised for 4xx or 5xx.

    `timeout` seconds bound the whole exchange, `max_bytes` the unpacked body: a longer one is TooLarge, or `cut` there.
    With no `max_redirects` a redirect is an answer like any other. Invalid: an address that is malformed or
    leads into a private network and is not in settings.OUTBOUND_ALLOW (names, addresses, networks). TooLarge;
    Unreachable. Never call it inside a write transaction.
    """
    deadline = time.monotonic() + timeout
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    sent = {"user-agent": AGENT, "accept-encoding": "identity"} | sent
    for _hop in range(max_redirects + 1):
        parts = _checked(url)
        answer = _exchange(parts, url, method, sent, body, deadline, max_bytes, cut)
        target = answer.headers.get("location")
        if answer.status not in _REDIRECTS or not target or not max_redirects:
            return answer
        url = urljoin(url, target)
        following = _checked(url)
        if parts.scheme == "https" and following.scheme == "http":
            raise Invalid(_("The other server leads from a secure address to an insecure one."))
        if (parts.hostname, parts.port, parts.scheme) != (following.hostname, following.port, following.scheme):
            # Tokens and signatures are for the server they were given for.
            sent = {name: value for name, value in sent.items() if name in _KEPT_ACROSS_HOSTS}
            sent["accept-encoding"] = "identity"
        if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
            method, body = "GET", None
            sent.pop("content-type", None)
    raise Unreachable(_("The other server sends from one address to the next without end."))


def check_address(url: str) -> None:
    """Refuse (Invalid) an address that `fetch` would refuse now: for forms where one is entered."""
    _addresses(_checked(url))


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise Invalid(_("This is not a web address.")) from exc
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise Invalid(_("This is not a web address. It starts with https://"))
    if parts.username is not None or parts.password is not None:
        raise Invalid(_("Leave name and password out of the web address."))
    if port is not None and port not in (80, 443) and port < 1024:
        raise Invalid(_("This port is not used for the web."))
    return parts


def _addresses(parts: SplitResult) -> list[str]:
    """Where this host may be reached, judged; Invalid if only in places that are closed to us."""
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise Unreachable(_("There is no server of this name.")) from exc
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [address for address in addresses if _allowed(host, address)]
    if not allowed:
        raise Invalid(
            _("This address leads into a private network."),
            todo=_("Use a public address, or ask your administrator to allow this one."),
        )
    return allowed


def _allowed(host: str, text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    for entry in getattr(settings, "OUTBOUND_ALLOW", ()):
        if entry.lower() == host.lower():
            return True
        with suppress(ValueError):
            network = ipaddress.ip_network(entry, strict=False)
            if network.version == address.version and address in network:
                return True
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _meant(address))


def _meant(address: Address) -> list[Address]:
    """The address and the IPv4 address that an IPv6 one may carry in itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    carried = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    return [address, carried] if carried else [address]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connection(parts: SplitResult, address: str, left: float) -> "HTTPConnection":
    from urllib3.connection import HTTPConnection, HTTPSConnection

    host = str(parts.hostname)
    if parts.scheme == "http":
        return HTTPConnection(address, parts.port or 80, timeout=left)
    return HTTPSConnection(
        address, parts.port or 443, timeout=left, ssl_context=_tls(), server_hostname=host, assert_hostname=host
    )


def _exchange(
    parts: SplitResult,
    url: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: float,
    max_bytes: int,
    cut: bool,
) -> Answer:
    with _LOADING:  # two threads that load it at once meet half of it
        from urllib3.exceptions import HTTPError  # 14 MB: only who calls out pays

    for address in _addresses(parts):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        connection = _connection(parts, address, left)
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            continue  # the next address of the same host
        # Time-outs of a socket start anew with every byte: a server that drips needs a bound on the whole.
        watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [connection])
        watchdog.daemon = True
        watchdog.start()
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                method, target, body, {"host": _host(parts)} | dict(headers), preload_content=False, decode_content=True
            )
            response = connection.getresponse()
            content = b""
            while chunk := response.read(_CHUNK):
                content += chunk
                if len(content) > max_bytes:
                    if cut:
                        content = content[:max_bytes]
                        break
                    raise TooLarge(_("The answer of the other server is too large."))
            if time.monotonic() > deadline:
                raise Unreachable()  # cut by the watchdog, which may look like an end
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, content, url)
        except (HTTPError, HTTPException, OSError, ValueError) as exc:
            raise Unreachable() from exc
        finally:
            watchdog.cancel()
            connection.close()
    raise Unreachable()


def _cut(connection: "HTTPConnection") -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _host(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    return host if parts.port is None else f"{host}:{parts.port}"
