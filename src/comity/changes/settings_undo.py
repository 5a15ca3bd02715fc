"""Changes of settings that can be taken back: within 30 days, unless somebody has changed the same since."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.settings import DeleteSetting, Row, SettingType, setting_type, write
from comity.changes.undo import UNDO_DAYS
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound, Refused
from comity.timeline.models import Event

CHANGED, REMOVED = "setting.changed", "setting.removed"


def reversible(event: Event) -> bool:
    """Whether the story of settings offers to take an event back."""
    if event.type not in (CHANGED, REMOVED) or event.at < now() - timedelta(days=UNDO_DAYS):
        return False
    try:
        return setting_type(event.payload["setting"]).reversible
    except NotFound:
        return False


@dataclass
class UndoSetting:
    """Put a setting back as it was before an event."""

    key: ClassVar[str] = "setting.undo"
    event_id: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        event = Event.objects.filter(pk=self.event_id).first()
        if event is None:
            raise NotFound()
        if not reversible(event):
            raise Refused(_("This cannot be undone."))
        kind = setting_type(event.payload["setting"])
        if not work.actor.permits(kind.permit):
            raise Refused()
        changes: dict[str, list[Any]] = event.payload["changes"]
        row = kind.model._default_manager.select_for_update().filter(pk=event.primary_id).first()
        if event.type == REMOVED:
            if row is not None:
                raise _touched()
            _again(work, kind, event.primary_id, {name: old for name, (old, _new) in changes.items()})
            return
        held = writer.setting_values(row) if row is not None else {}
        if row is None or any(held.get(name) != new for name, (_old, new) in changes.items()):
            raise _touched()
        if _was_made(kind, changes):
            DeleteSetting(kind.key, row.pk).apply(work)
            return
        write(work, kind, row, held, _by_field(kind, {name: old for name, (old, _new) in changes.items()}))


def _touched() -> Conflict:
    return Conflict(
        _("Someone has changed this again since."),
        kept=_("Their change stays as it is."),
        todo=_("Look at the later changes of this setting, and take those back first."),
    )


def _columns(kind: SettingType) -> dict[str, Any]:
    return {column.attname: column for column in kind.model._meta.concrete_fields}


def _was_made(kind: SettingType, changes: dict[str, list[Any]]) -> bool:
    """Whether the event tells of a new row: a column that is never empty was."""
    columns = _columns(kind)
    return any(old is None and not columns[name].null for name, (old, _new) in changes.items() if name in columns)


def _by_field(kind: SettingType, values: dict[str, Any]) -> dict[str, Any]:
    """Values by the names of fields; what was added to the setting since the event stays."""
    columns = _columns(kind)
    return {columns[name].name: value for name, value in values.items()
            if name in columns and columns[name].name in kind.fields}  # fmt: skip


def _again(work: Work, kind: SettingType, row_id: UUID, values: dict[str, Any]) -> None:
    """A deleted row as it was, with its key."""
    row: Row = kind.model(pk=row_id)
    write(work, kind, row, {}, _by_field(kind, values))
