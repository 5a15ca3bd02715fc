"""A new base: its company, the roles it starts with, its first user."""

from uuid import UUID

from comity.access import actors
from comity.access.defaults import ROLES
from comity.access.models import Role
from comity.changes.bus import run
from comity.changes.colleagues import InviteUser
from comity.changes.entrance import SetPassword
from comity.changes.settings import SaveSetting


def install(name: str, country: str, timezone: str, language: str, currency: str, *, demo: bool = False) -> None:
    """Set the company up and make the shipped roles; raises Invalid, Refused when it is set up already."""
    values = {"name": name, "country": country, "timezone": timezone, "language": language, "currency": currency,
              "demo": demo}  # fmt: skip
    run(actors.system("installation"), SaveSetting("organization", values))
    install_roles()


def install_roles() -> dict[str, UUID]:
    """Make those shipped roles that are not there; returns {role key: id} of all of them."""
    held = set(Role.objects.values_list("key", flat=True))
    for role in ROLES:
        if role.key not in held:
            run(actors.system("installation"), SaveSetting("role", role.values()))
    return dict(Role.objects.filter(key__in=[role.key for role in ROLES]).values_list("key", "id"))


def first_administrator(name: str, email: str, password: str = "") -> tuple[UUID, str]:
    """The first user, who may do everything: (his id, the path of his one-time link, or "" with a password given)."""
    return add_user(name, email, password, administrator=True)


def add_user(
    name: str, email: str, password: str = "", *, administrator: bool = False, roles: tuple[UUID, ...] = (),
    team: UUID | None = None, job_title: str = "", language: str = "",
) -> tuple[UUID, str]:  # fmt: skip
    """A colleague, from the command line or for a demo: (id, path of the one-time link, or "" with a password)."""
    system = actors.system("installation")
    invite = InviteUser(name, email, job_title, language, administrator, roles, team)
    result = run(system, invite)
    user_id = result.record.id
    if password:
        run(system, SetPassword(password, user_id=user_id))
        return user_id, ""
    return user_id, result.secret
