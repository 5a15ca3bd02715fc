"""Where the installation listens and under which address people reach it, from the environment."""

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Address:
    """COMITY_URL, COMITY_HOST, PORT and COMITY_TRUSTED_PROXY, read and checked."""

    url: str
    host: str
    port: int
    trusted_proxies: tuple[str, ...]

    @property
    def secure(self) -> bool:
        """Is the public address https? Then cookies are marked secure and HSTS is sent."""
        return self.url.startswith("https://")

    @property
    def public(self) -> str:
        """The address to print and to build links with, without a slash at the end."""
        if self.url:
            return self.url
        shown = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host  # noqa: S104
        return f"http://{shown}:{self.port}"

    @property
    def allowed_hosts(self) -> list[str]:
        """Names the installation answers to. Bound to a network without COMITY_URL, it can't know its own."""
        if self.url:
            return [urlsplit(self.url).hostname or "", *LOOPBACK]
        return list(LOOPBACK) if self.host in (*LOOPBACK, "::1") else ["*"]


def read_address() -> Address:
    """The address from the environment. Raises SystemExit with a plain sentence for a value that makes no sense."""
    url = os.environ.get("COMITY_URL", "").strip().rstrip("/")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise SystemExit(f"COMITY_URL must look like https://crm.example.com, without a path; it is {url!r}.")
    port = os.environ.get("PORT", "").strip() or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535; it is {port!r}.")
    proxies = [part.strip() for part in os.environ.get("COMITY_TRUSTED_PROXY", "").split(",") if part.strip()]
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise SystemExit(
                f"COMITY_TRUSTED_PROXY takes IP addresses or networks, comma between; {proxy!r} is neither."
            ) from None
    return Address(url, os.environ.get("COMITY_HOST", "").strip() or "127.0.0.1", int(port), tuple(proxies))
