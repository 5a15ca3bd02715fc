"""A small company for the tests: colleagues with roles, people and companies made through commands."""

from typing import Any

from comity.access.actors import Actor, user_actor
from comity.access.models import Role, RoleMember
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.identity.models import Membership, Organization, Team, User
from comity.records.models import RecordRef

EVERY = ("view", "create", "edit", "delete", "restore", "share")


def again(actor: Actor) -> Actor:
    """The same user with his rights and colleagues as they are now."""
    return user_actor(actor.user_id) if actor.user_id else actor


def speaking(actor: Actor, language: str) -> Actor:
    """The same user, who reads that language from now on."""
    User.objects.filter(pk=actor.user_id).update(language=language)
    changed()
    return again(actor)


def person(actor: Actor, given: str, family: str, **more: Any) -> RecordRef:
    """A person made by the actor."""
    return run(again(actor), Create("person", {"given_name": given, "family_name": family, **more})).record


def company(actor: Actor, name: str, **more: Any) -> RecordRef:
    """A company made by the actor."""
    return run(again(actor), Create("company", {"name": name, **more})).record


def small_house() -> Actor:
    """The administrator of a small Russian-speaking company, and that company."""
    Organization.objects.create(name="House", country="RU", language="ru", currency="RUB")
    return administrator()


def administrator(name: str = "Boss", **more: Any) -> Actor:
    """A user with every right."""
    user = User.objects.create(name=name, email_fold=f"{name}@example.com".lower(), administrator=True, **more)
    changed()
    return user_actor(user.id)


def colleague(
    name: str, scope: str = "own", fields: dict[str, Any] | None = None, team: Team | None = None, lead: bool = False,
    **more: Any,
) -> Actor:  # fmt: skip
    """A user with a role of his own: that scope for every action, those field rights."""
    user = User.objects.create(name=name, email=f"{name}@example.com", email_fold=f"{name}@example.com".lower(), **more)
    grants = {"*": dict.fromkeys(EVERY, scope)}
    role = Role.objects.create(key=f"role-{name}", name={"en": name}, grants=grants, fields=fields or {})
    RoleMember.objects.create(role=role, user=user)
    if team:
        Membership.objects.create(user=user, team=team, lead=lead)
    changed()
    return user_actor(user.id)
