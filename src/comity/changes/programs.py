"""The company's own programs: users without a login, whose tokens outlast any colleague."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.changes.bus import Work
from comity.changes.colleagues import held_user, tell_of
from comity.changes.settings import SaveSetting
from comity.identity.models import User, hue_of
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.ids import new_id
from comity.records.models import RecordRef


def _named(name: str) -> str:
    found = " ".join(name.split())[:150]
    if not found:
        raise Invalid(fields={"name": [_("Say what the program is called.")]})
    return found


@dataclass
class MakeProgram:
    """Make the user a program of the company works as: no password, only the rights of its `roles`, and tokens."""

    key: ClassVar[str] = "program.make"
    name: str
    roles: Sequence[UUID] = ()

    def apply(self, work: Work) -> None:
        """Raises Refused (for all but administrators), Invalid."""
        if not work.actor.administrator:
            raise Refused()
        record_id = new_id()
        user = User.objects.create(
            pk=record_id, name=_named(self.name), service=True, email="", email_fold=f"program:{record_id}",
            hue=hue_of(record_id),
        )  # fmt: skip
        for role in self.roles:
            SaveSetting("role_member", {"user": user.pk, "role": role}).apply(work)
        tell_of(work, "user.program_made", user)
        work.result.records.insert(0, RecordRef("user", user.pk))
        snapshot.changed()


@dataclass
class NameProgram:
    """Call a program something else."""

    key: ClassVar[str] = "program.name"
    user_id: UUID
    name: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        if not work.actor.administrator:
            raise Refused()
        user = held_user(self.user_id)
        if not user.service:
            raise NotFound()
        name = _named(self.name)
        if name == user.name:
            return
        before, user.name = user.name, name
        user.save(update_fields=["name"])
        tell_of(work, "user.program_named", user, before=before)
        snapshot.changed()
