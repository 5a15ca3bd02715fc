"""A small company to change settings in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest


@dataclass
class Company:
    """Its roles and colleagues by name; `actor("anna")` has the rights of this very moment."""

    roles: dict[str, UUID]
    users: dict[str, UUID]

    def actor(self, name: str) -> Any:
        """A colleague as he may act now."""
        from comity.access import actors

        return actors.user_actor(self.users[name])

    def do(self, name: str, command: Any, **more: Any) -> Any:
        """Run a command as a colleague."""
        from comity.changes.bus import run

        return run(self.actor(name), command, **more)


@pytest.fixture
def company(db: None) -> Company:
    """Root administers, Ulla manages users, Fred fields and views, Mira has the role manager."""
    from comity.access import actors, snapshot
    from comity.changes.bus import run
    from comity.changes.installation import add_user, install, install_roles
    from comity.changes.settings import SaveSetting

    snapshot.forget()
    install("Example", "DE", "Europe/Berlin", "en", "EUR")
    roles = install_roles()
    system = actors.system("test")
    for key, permits in (("people", ["users"]), ("builder", ["fields", "views", "settings"])):
        values = {"key": key, "name": {"en": key}, "permits": permits, "grants": {"*": {"view": "all"}}}
        roles[key] = run(system, SaveSetting("role", values)).record.id
    users = {
        "root": add_user("Root", "root@example.com", administrator=True)[0],
        "ulla": add_user("Ulla", "ulla@example.com", roles=(roles["people"],))[0],
        "fred": add_user("Fred", "fred@example.com", roles=(roles["builder"],))[0],
        "mira": add_user("Mira", "mira@example.com", roles=(roles["manager"],))[0],
    }
    return Company(roles, users)
