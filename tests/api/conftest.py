"""A receiver of webhooks, trusted and allowed for the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.receiver import Receiver, receiver


@pytest.fixture
def other_side(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A server of another firm; what is due goes to it at once, in the thread of the test."""
    from comity.kernel import http

    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    settings.WEBHOOK_LANES = False
    with receiver(tmp_path) as (running, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        http._tls.cache_clear()
        yield running
    http._tls.cache_clear()
