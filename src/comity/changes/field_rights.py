"""What each role may do with one field, set from the field's side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from comity.access.models import Role
from comity.changes.bus import Work
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Refused


@dataclass
class SetFieldRights:
    """Give roles a level for a field: {role's key: hide | mask | read | write}. Needs the right to change roles."""

    key: ClassVar[str] = "field.rights"
    type_key: str
    field: str
    levels: Mapping[str, str]

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid."""
        if not work.actor.permits("roles"):
            raise Refused()
        for role in Role.objects.select_for_update().filter(pk__in=[UUID(one) for one in self.levels]):
            level = self.levels[str(role.pk)]
            held = dict(role.fields.get(self.type_key, {}))
            if held.pop(self.field, "write") == level:
                continue
            if level != "write":
                held[self.field] = level
            fields = {key: one for key, one in role.fields.items() if key != self.type_key}
            SaveSetting("role", {"fields": fields | ({self.type_key: held} if held else {})}, role.pk).apply(work)
