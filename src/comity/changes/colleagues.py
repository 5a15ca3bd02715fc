"""Colleagues: invited, switched off and on, their keys and preferences. Who logs in and how: changes.entrance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.bounds import EVERYTHING, WRITE, Bounds
from comity.access.models import RoleMember
from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.setting_types import last_administrator, may_manage, other_administrators
from comity.changes.settings import SaveSetting, setting_type, told
from comity.identity import links, sessions, tokens
from comity.identity.models import ApiToken, Session, User
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.records.views import built_in
from comity.timeline.types import EventType, Payload, register

MAX_PINNED = 30
THEMES = ("", "light", "dark")
DENSITIES = ("", "compact")


def own_id(actor: Actor) -> UUID:
    """The user who acts; raises Refused for the house itself, which has no sessions, keys or preferences."""
    if actor.user_id is None:
        raise Refused()
    return actor.user_id


def held_user(user_id: UUID | None) -> User:
    """The user's row, held until the transaction ends; raises NotFound."""
    user = User.objects.select_for_update().filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFound()
    return user


def managed_user(work: Work, user_id: UUID | None) -> User:
    """A user the actor may manage; raises NotFound, Refused."""
    work.actor.require("users")
    user = held_user(user_id)
    if not may_manage(work.actor, user):
        raise Refused()
    return user


def tell_of(work: Work, event_type: str, user: User, **payload: Any) -> None:
    """An event about a user."""
    work.tell(event_type, RecordRef("user", user.pk), {"name": user.name, **payload})


@dataclass
class InviteUser:
    """Make a colleague's login without a password; `result.secret` is the path of the one-time link to hand over."""

    key: ClassVar[str] = "user.invite"
    name: str
    email: str
    job_title: str = ""
    language: str = ""
    administrator: bool = False
    roles: Sequence[UUID] = ()
    team: UUID | None = None

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid (also for an e-mail address in use)."""
        work.actor.require("users")
        values = {"name": self.name, "email": self.email, "job_title": self.job_title, "language": self.language,
                  "administrator": self.administrator}  # fmt: skip
        SaveSetting("user", values).apply(work)
        user = held_user(work.result.record.id)
        for role in self.roles:
            SaveSetting("role_member", {"user": user.pk, "role": role}).apply(work)
        if self.team:
            SaveSetting("membership", {"user": user.pk, "team": self.team, "main": True}).apply(work)
        work.result.secret = links.path(links.make(user.pk, "invite", work.actor.user_id))
        tell_of(work, "user.invited", user)


@dataclass
class MakeLink:
    """A one-time link for a colleague to choose a (new) password; `result.secret` is its path. Valid for 72 hours."""

    key: ClassVar[str] = "user.link"
    user_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        user = managed_user(work, self.user_id)
        if user.service:
            raise Refused(_("A program has no login; it works with tokens."))
        if not user.active:
            raise Refused(_("This colleague is switched off."), todo=_("Switch the colleague on first."))
        purpose = "reset" if user.password else "invite"
        work.result.secret = links.path(links.make(user.pk, purpose, work.actor.user_id))
        tell_of(work, "user.link_made", user, purpose=purpose)


@dataclass
class SwitchUser:
    """Off: sessions, tokens and links end at once, records stay. On: he may log in with his password again."""

    key: ClassVar[str] = "user.switch"
    user_id: UUID
    active: bool

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused (also for the last active administrator)."""
        user = managed_user(work, self.user_id)
        if user.active == self.active:
            work.result.records.append(RecordRef("user", user.pk))
            return
        if not self.active:
            if user.administrator and not other_administrators(user):
                raise last_administrator()
            sessions.end_all(user.pk)
            tokens.end_all(user.pk)
            links.end_all(user.pk)
        user.active = self.active
        user.save(update_fields=["active"])
        tell_of(work, "user.switched_on" if self.active else "user.switched_off", user)
        snapshot.changed()


@dataclass
class EndSession:
    """Log a browser out: one's own, or a colleague's one manages."""

    key: ClassVar[str] = "session.end"
    session_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound (also for another's session without the right to manage him)."""
        session = Session.objects.select_related("user").filter(pk=self.session_id).first()
        if session is None or not (session.user_id == work.actor.user_id or may_manage(work.actor, session.user)):
            raise NotFound()
        sessions.end(session.pk)
        tell_of(work, "user.logout", session.user, agent=session.agent)


@dataclass
class MakeToken:
    """A key for programs that act as the actor; `result.secret` is the key, shown once.

    Nobody makes keys in another's name but the house itself (the command line), and an administrator those of the
    company's own programs. `scopes` narrow what the key may do: [(type key or "*", "read" or "write")].
    """

    key: ClassVar[str] = "token.make"
    name: str
    user_id: UUID | None = None
    days: int | None = None  # valid for so many days; None = until ended
    scopes: Sequence[tuple[str, str]] = ((EVERYTHING, WRITE),)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        user = held_user(self.user_id or work.actor.user_id)
        for_program = user.service and work.actor.administrator
        if user.pk != work.actor.user_id and not work.actor.is_system and not for_program:
            raise NotFound()
        if work.actor.bounds is not None:
            raise Refused()  # a key makes no keys
        name = " ".join(self.name.split())[:120]
        if not name:
            raise Invalid(fields={"name": [_("Say what the key is for.")]})
        if not user.active:
            raise Refused(_("This colleague is switched off."))
        if self.days is not None and not 0 < self.days <= 3660:
            raise Invalid(fields={"days": [_("Choose one of the list.")]})
        scopes = str(self._bounds(work.actor))
        row, secret = tokens.make(user.pk, name, now() + timedelta(days=self.days) if self.days else None, scopes)
        work.result.secret = secret
        work.result.data["id"] = str(row.pk)
        tell_of(work, "user.token_made", user, token=name, scopes=scopes, days=self.days)

    def _bounds(self, actor: Actor) -> Bounds:
        try:
            bounds = Bounds.made(self.scopes)
        except ValueError:
            raise Invalid(fields={"scope": [_("Choose what the program may do.")]}) from None
        if not {key for key, _level in bounds.named} <= {EVERYTHING, *actor.state.record_types}:
            raise Invalid(fields={"scope": [_("Choose one of the list.")]})
        return bounds


@dataclass
class EndToken:
    """Make a key useless: one's own, or a colleague's one manages."""

    key: ClassVar[str] = "token.end"
    token_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        token = ApiToken.objects.select_related("user").filter(pk=self.token_id).first()
        if token is None or not (token.user_id == work.actor.user_id or may_manage(work.actor, token.user)):
            raise NotFound()
        tokens.end(token.pk)
        tell_of(work, "user.token_ended", token.user, token=token.name)


@dataclass
class SeeAs:
    """An administrator looks through a colleague's eyes in his own session, without writing; `user_id` None ends it."""

    key: ClassVar[str] = "session.see_as"
    session_id: UUID
    user_id: UUID | None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        session = Session.objects.filter(pk=self.session_id, user_id=own_id(work.actor)).first()
        if session is None:
            raise NotFound()
        if self.user_id is None:
            user, event_type = session.see_as, "user.seen_as_ended"
        else:
            if not work.actor.administrator:
                raise Refused()
            user, event_type = held_user(self.user_id), "user.seen_as"
            if user.pk == work.actor.user_id or not user.active:
                raise Refused()
        Session.objects.filter(pk=session.pk).update(see_as_id=self.user_id)
        if user is not None:
            tell_of(work, event_type, user)


@dataclass
class SavePreferences:
    """What a user sets for himself. Only the given keys change.

    values   name, language, timezone; theme, density, keys_off; start ("people", "people/mine" or "people/ID" of a
             saved view); columns {type key: [field keys]}; board {type key: [field keys]}, more on its board's cards;
             pinned [[type key, record id]]; notices {kind: bool}
    """

    key: ClassVar[str] = "user.preferences"
    values: dict[str, Any] = field(default_factory=dict)

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid. Only name, language and time zone are told: the rest is nobody's business."""
        user = held_user(work.actor.user_id)
        before, prefs = writer.setting_values(user), dict(user.prefs)
        wrong: dict[str, list[str]] = {}
        kind = setting_type("user")
        for name, raw in self.values.items():
            try:
                if name in ("name", "language", "timezone"):
                    setattr(user, name, " ".join(str(raw or "").split())[:150])
                else:
                    prefs[name] = _PREFERENCES[name](work.actor, raw)
            except (KeyError, ValueError, TypeError):
                wrong[name] = [_("Choose one of the list.")]
        if wrong:
            raise Invalid(fields=wrong)
        # A column order is replaced for the given types only.
        for name in {"columns", "board"} & self.values.keys():
            prefs[name] = {**user.prefs.get(name, {}), **prefs[name]}
        user.prefs = {name: value for name, value in prefs.items() if value not in ("", None, False, [], {})}
        kind.check(work, user, before)
        user.save()
        told(work, kind, user, {**before, "prefs": user.prefs})
        if before["prefs"] != user.prefs:
            snapshot.changed()


def _one_of(*allowed: str) -> Any:
    def read(actor: Actor, raw: Any) -> str:
        if raw not in allowed:
            raise ValueError(raw)
        return str(raw)

    return read


def _flag(actor: Actor, raw: Any) -> bool:
    return raw is True or str(raw).lower() in ("1", "true", "on", "yes")


def _columns(actor: Actor, raw: Mapping[str, Any]) -> dict[str, list[str]]:
    found = {}
    for type_key, keys in raw.items():
        known = {spec.key for spec in actor.state.record_types[type_key].specs} | {"title"}
        if not set(keys) <= known:
            raise ValueError(type_key)
        found[type_key] = list(dict.fromkeys(keys))
    return found


def _pinned(actor: Actor, raw: Sequence[Sequence[str]]) -> list[list[str]]:
    if len(raw) > MAX_PINNED:
        raise ValueError("too many")
    return [[actor.state.record_types[type_key].key, str(UUID(str(one)))] for type_key, one in raw]


def _switches(actor: Actor, raw: Mapping[str, Any]) -> dict[str, bool]:
    return {str(kind)[:60]: bool(on) for kind, on in list(raw.items())[:200]}


def _start(actor: Actor, raw: Any) -> str:
    slug, _slash, view = str(raw or "").partition("/")
    if slug or view:
        type_key = actor.state.by_slug[slug].key
        saved = (str(row.id) for row in actor.state.views if row.type_key == type_key)
        if view not in ("", *built_in(type_key), *saved):
            raise ValueError(raw)
    return str(raw or "")


_PREFERENCES: dict[str, Any] = {
    "theme": _one_of(*THEMES), "density": _one_of(*DENSITIES), "keys_off": _flag, "columns": _columns,
    "board": _columns, "pinned": _pinned, "notices": _switches, "start": _start,
}  # fmt: skip


def held_roles(user_id: UUID) -> dict[UUID, UUID]:
    """The roles a user holds: {role id: id of the row that gives it}."""
    return dict(RoleMember.objects.filter(user_id=user_id).values_list("role_id", "id"))


# --- how it is told --------------------------------------------------------------------------------------------------


def _for_managers(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits("users") else None


def _user_event(key: str, text: Any, icon: str) -> None:
    register(EventType(key, lambda p, a: text() % p, icon=icon, redact=_for_managers))


_user_event("user.invited", lambda: _("invited %(name)s"), "user-plus")
_user_event("user.link_made", lambda: _("made a one-time link for %(name)s"), "link")
_user_event("user.password_set", lambda: _("chose a new password (%(name)s)"), "key")
_user_event("user.switched_off", lambda: _("switched off the login of %(name)s"), "user-off")
_user_event("user.switched_on", lambda: _("switched on the login of %(name)s"), "check")
_user_event("user.login", lambda: _("logged in (%(name)s)"), "login")
_user_event("user.login_failed", lambda: _("somebody tried a wrong password of %(name)s (try %(tries)s)"), "lock")
_user_event("user.logout", lambda: _("ended a session of %(name)s"), "logout")
_user_event("user.program_made", lambda: _("added the program %(name)s"), "device-laptop")
_user_event("user.program_named", lambda: _("renamed a program to %(name)s"), "device-laptop")
_user_event("user.token_made", lambda: _("made an API token for %(name)s"), "key")
_user_event("user.token_ended", lambda: _("ended an API token of %(name)s"), "key")
_user_event("user.seen_as", lambda: _("looked through the eyes of %(name)s"), "eye")
_user_event("user.seen_as_ended", lambda: _("stopped looking through the eyes of %(name)s"), "eye")
