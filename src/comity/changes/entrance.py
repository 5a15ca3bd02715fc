"""The door: logging in and out, choosing a password. Wrong tries are counted outside the command, so they stay."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import actors
from comity.access.actors import Actor
from comity.changes.bus import Work, run
from comity.changes.colleagues import held_user, own_id, tell_of
from comity.identity import links, passwords, sessions, throttle, tokens
from comity.identity.models import Session, User
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.text import fold


@dataclass
class LogIn:
    """Start a session of the actor, whose password was found right; `result.secret` is the cookie's value."""

    key: ClassVar[str] = "session.start"
    address: str
    agent: str
    proven: str = ""  # the hash his password was found to belong to
    rehashed: str = ""  # his password by today's settings of the hash, when they have changed

    def apply(self, work: Work) -> None:
        """Raises NotFound for who was switched off, or chose another password, meanwhile."""
        user = held_user(work.actor.user_id)
        if not user.active or (self.proven and self.proven != user.password):
            raise NotFound()
        user.last_login_at = now()
        user.password = self.rehashed or user.password
        user.save(update_fields=["last_login_at", "password"])
        work.result.secret = sessions.start(user.pk, self.address, self.agent)
        tell_of(work, "user.login", user, address=self.address, agent=self.agent[:200])


@dataclass
class TellWrongPassword:
    """Tell the administrator that somebody tried a wrong password of a colleague."""

    key: ClassVar[str] = "session.refuse"
    user_id: UUID
    address: str
    agent: str
    tries: int

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        user = held_user(self.user_id)
        tell_of(work, "user.login_failed", user, address=self.address, agent=self.agent[:200], tries=self.tries)


@jobs.job("changes.wrong_password", atomic=True)
def _wrong_password(args: dict[str, Any], beat: jobs.Beat) -> None:
    if args["user"]:
        command = TellWrongPassword(UUID(args["user"]), args["address"], args["agent"], args["tries"])
        run(actors.system("login"), command)


@dataclass
class SetPassword:
    """Choose a password: with the old one, with a one-time link, or (the command line) with neither.

    All other sessions, all links and, when a link was used, all tokens of the user end.
    """

    key: ClassVar[str] = "user.set_password"
    password: str
    old: str = ""
    link: str = ""
    user_id: UUID | None = None
    keep_session: UUID | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Invalid (fields "old", "password")."""
        user = held_user(self._whose(work.actor))
        wrong = passwords.problems(self.password, user)
        if wrong:
            raise Invalid(fields={"password": wrong})
        if self.link:
            # Whoever resets a password may do so because somebody else knows it: that one's keys end too.
            tokens.end_all(user.pk)
            found = links.find(self.link)
            if found is None or not links.use(found):
                raise NotFound()
        user.password = passwords.hashed(self.password)
        user.save(update_fields=["password"])
        links.end_all(user.pk)
        sessions.end_all(user.pk, but=self.keep_session)
        tell_of(work, "user.password_set", user)

    def _whose(self, actor: Actor) -> UUID | None:
        if self.link:
            found = links.find(self.link)
            if found is None or found.user_id != actor.user_id:
                raise NotFound()
            return actor.user_id
        if actor.is_system:
            return self.user_id
        user = User.objects.get(pk=own_id(actor))
        if not passwords.matches(self.old, user.password):
            raise Invalid(fields={"old": [_("This is not your present password.")]})
        return actor.user_id


@dataclass
class LogOut:
    """End the actor's own session."""

    key: ClassVar[str] = "session.leave"
    session_id: UUID

    def apply(self, work: Work) -> None:
        """Nothing happens when the session is not there or not his."""
        if Session.objects.filter(pk=self.session_id, user_id=own_id(work.actor)).exists():
            sessions.end(self.session_id)
            tell_of(work, "user.logout", held_user(work.actor.user_id))


def log_in(email: str, password: str, address: str, agent: str) -> str:
    """Check name and password; returns the value of the session cookie.

    Raises TooMany, and Refused for a wrong name or password alike: the same words after the same time.
    """
    tries = throttle.attempt(email, address)
    user = User.objects.filter(email_fold=fold(email)).first()
    usable = user is not None and user.active
    # The hash is worked out in any case, and outside of a transaction: it takes its time on purpose.
    right = passwords.matches(password, user.password if user is not None and usable else "")
    if user is None or not right:
        # Told by a job, which is enqueued for an unknown name too: the time of the answer gives nothing away.
        told = {"user": str(user.pk) if user else "", "address": address[:45], "agent": agent[:200], "tries": tries}
        jobs.enqueue("changes.wrong_password", told)
        raise Refused(
            _("This e-mail address and password do not belong together."),
            kept=_("You are not logged in."),
            todo=_("Check both. Your administrator can make you a link for a new password."),
        )
    throttle.succeeded(email, address)
    rehashed = passwords.hashed(password) if passwords.outdated(user.password) else ""
    return run(actors.user_actor(user.pk), LogIn(address, agent, user.password, rehashed)).secret


def enter_by_link(secret: str, password: str) -> User:
    """Choose a password through a one-time link, which then works no more; raises NotFound, Invalid."""
    link = links.find(secret)
    if link is None:
        raise NotFound()
    run(actors.user_actor(link.user_id), SetPassword(password, link=secret))
    return link.user


def change_password(actor: Actor, old: str, password: str, session_id: UUID | None) -> None:
    """Choose another password with the old one; wrong old ones are counted as at the login. Raises TooMany, Invalid."""
    name = actor.member.email
    throttle.attempt(name, "")
    try:
        run(actor, SetPassword(password, old=old, keep_session=session_id))
    except Invalid as problem:
        if "old" not in problem.fields:
            throttle.succeeded(name, "")
        raise
    throttle.succeeded(name, "")
