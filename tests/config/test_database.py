"""The address of the base: what becomes of its parts."""

from pathlib import Path

import pytest

from comity.config.database import PREPARE_AFTER, database_config

ADDRESS = "postgresql://comity@/comity?host=/run/postgresql"


def options(monkeypatch: pytest.MonkeyPatch, more: str = "") -> dict[str, object]:
    """What goes to the driver of an address with more behind it."""
    monkeypatch.setenv("COMITY_DATABASE_URL", ADDRESS + more)
    found: dict[str, object] = database_config(Path("/nowhere"))["OPTIONS"]
    return found


def test_postgresql_compiles_no_queries_and_keeps_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options(monkeypatch) == {"options": "-c jit=off", "prepare_threshold": PREPARE_AFTER}


def test_the_address_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    found = options(monkeypatch, "&options=-c%20jit%3Don&sslmode=require")
    assert found["options"] == "-c jit=off -c jit=on"
    assert found["sslmode"] == "require"


def test_a_pooler_gets_nothing_it_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options(monkeypatch, "&pooled=1&sslmode=require") == {"sslmode": "require"}
