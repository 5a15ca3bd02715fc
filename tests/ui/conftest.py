"""A small house in English, and browsers of two of its people."""

from typing import Any

import pytest


@pytest.fixture
def users() -> dict[str, Any]:
    """The ids of an administrator, Root, and of a manager, Mira."""
    from comity.access import snapshot
    from comity.changes.installation import add_user, install, install_roles

    snapshot.forget()
    install("Example", "DE", "Europe/Berlin", "en", "EUR")
    roles = install_roles()
    return {
        "root": add_user("Root", "root@example.com", administrator=True)[0],
        "mira": add_user("Mira", "mira@example.com", roles=(roles["manager"],))[0],
    }


@pytest.fixture
def root(users: dict[str, Any]) -> Any:
    """The administrator's browser."""
    from support.browser import entered

    return entered(users["root"])


@pytest.fixture
def mira(users: dict[str, Any]) -> Any:
    """The manager's browser."""
    from support.browser import entered

    return entered(users["mira"])
