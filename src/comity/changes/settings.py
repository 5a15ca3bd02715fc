"""Settings are written like records: by commands that check the right, write, and tell what was there before."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes import writer
from comity.changes.bus import Work
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused, too_long
from comity.kernel.text import clean, fold
from comity.records.fields import OWN
from comity.records.json_access import KEY
from comity.records.labels import Label
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register

Values = dict[str, Any]
Row = Any  # a settings model's instance


def _nothing(work: Work, row: Row, before: Values) -> None:
    """No further check, no consequence."""


@dataclass(frozen=True)
class SettingType:
    """A kind of settings row that SaveSetting and DeleteSetting write.

    fields   the attributes that may be set from outside
    permit   the further right that allows it, and that shows its events
    label    what the row is called in the audit; by language where it has a name in several
    check    (work, row with the new values, values before) -> raises Invalid or Refused, may tidy the row
    saved    (work, row, values before), after the row was written; `before` is {} for a new row
    allowed  (actor, row as it was) -> whether he may write it; None = whoever has the permit
    removed  (work, row), before the row goes
    reversible  whether a change can be taken back out of the story of settings: see changes.settings_undo
    """

    key: str
    model: type[models.Model]
    fields: tuple[str, ...]
    permit: str
    label: Callable[[Row], str | dict[str, str]]
    check: Callable[[Work, Row, Values], None] = _nothing
    saved: Callable[[Work, Row, Values], None] = _nothing
    allowed: Callable[[Actor, Row], bool] | None = None
    removed: Callable[[Work, Row], None] | None = None  # None: rows of this type stay
    reversible: bool = False


_types: dict[str, SettingType] = {}


def register_type(setting: SettingType) -> SettingType:
    """Make a kind of setting known; a key is registered once."""
    if setting.key in _types:
        raise ValueError(f"Setting type {setting.key} exists already")
    _types[setting.key] = setting
    return setting


def setting_type(key: str) -> SettingType:
    """The kind of setting with that key; raises NotFound."""
    if key not in _types:
        raise NotFound()
    return _types[key]


def ref_of(key: str, row: Row) -> RecordRef:
    """The pointer events use; the one organization has no UUID of its own."""
    return RecordRef(key, row.pk if isinstance(row.pk, UUID) else UUID(int=row.pk))


def version_of(row: Row) -> str:
    """A short digest of a row's values: send it with a form, and a change made meanwhile is noticed."""
    text = json.dumps(writer.setting_values(row), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class SaveSetting:
    """Make a settings row (`id` None) or change some of its fields from raw input."""

    key: ClassVar[str] = "setting.save"
    setting: str
    values: Values
    id: Any = None
    version: str = ""  # of version_of(); empty = whatever is there

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        kind = setting_type(self.setting)
        row = kind.model() if self.id is None else existing(kind, self.id)
        write(work, kind, row, {} if self.id is None else writer.setting_values(row), self.values, self.version)


@dataclass
class DeleteSetting:
    """Take a settings row away: it is archived where values may still hang on it, else deleted."""

    key: ClassVar[str] = "setting.delete"
    setting: str
    id: Any

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        kind = setting_type(self.setting)
        row = existing(kind, self.id)
        _require(work.actor, kind, row)
        if kind.removed is None:
            raise Refused()
        before = writer.setting_values(row)
        kind.removed(work, row)
        if "archived_at" in before:
            if row.archived_at is None:
                row.archived_at = now()
                row.save(update_fields=["archived_at"])
                told(work, kind, row, before)
            return
        ref = ref_of(kind.key, row)
        try:
            row.delete()
        except ProtectedError:
            raise Invalid(
                _("This is still in use, so it can't be deleted."),
                kept=_("Nothing was changed."),
                todo=_("Give what belongs to it to something else first."),
            ) from None
        changes = {name: [value, None] for name, value in before.items() if value not in (None, "", [], {})}
        work.tell("setting.removed", ref, {"setting": kind.key, "name": kind.label(row), "changes": changes})
        snapshot.changed()


@dataclass
class RestoreSetting:
    """Take an archived settings row back into use."""

    key: ClassVar[str] = "setting.restore"
    setting: str
    id: Any

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        kind = setting_type(self.setting)
        row = existing(kind, self.id)
        _require(work.actor, kind, row)
        before = writer.setting_values(row)
        if before.get("archived_at") is None:
            return
        row.archived_at = None
        kind.check(work, row, before)
        row.save()
        kind.saved(work, row, before)
        told(work, kind, row, before)


def write(work: Work, kind: SettingType, row: Row, before: Values, values: Values, version: str = "") -> None:
    """Write raw input into a row and tell what is new. `before` is {} for a new row.

    A row of something shipped that the company changes for the first time is not in the base either, but has values
    before: it is saved only when something is new.
    """
    _require(work.actor, kind, row)
    if version and version != version_of(row):
        raise Conflict(todo=_("Open the page again to see the change, then make yours."))
    _assign(kind, row, values)
    kind.check(work, row, before)
    if row._state.adding and before == writer.setting_values(row):
        work.result.records.append(ref_of(kind.key, row))
        return
    row.save(force_insert=row._state.adding)
    kind.saved(work, row, before)
    told(work, kind, row, before)


def existing(kind: SettingType, row_id: Any) -> Row:
    """The row as it is now, held until the transaction ends; raises NotFound."""
    try:
        row = kind.model._default_manager.select_for_update().filter(pk=row_id).first()
    except (ValidationError, ValueError):
        row = None
    if row is None:
        raise NotFound()
    return row


def told(work: Work, kind: SettingType, row: Row, before: Values) -> None:
    """Tell what differs from `before`, if anything does, and let every process read its settings anew."""
    after = writer.setting_values(row)
    empty: tuple[Any, ...] = (None, "", [], {})
    changes = {
        name: [before.get(name), value]
        for name, value in after.items()
        if value != before.get(name) and not (not before and value in empty)
    }
    ref = ref_of(kind.key, row)
    if changes:
        work.tell("setting.changed", ref, {"setting": kind.key, "name": kind.label(row), "changes": changes})
        snapshot.changed()
    elif ref not in work.result.records:
        work.result.records.append(ref)


def _require(actor: Actor, kind: SettingType, row: Row) -> None:
    if not (kind.allowed(actor, row) if kind.allowed else actor.permits(kind.permit)):
        raise Refused()


def _assign(kind: SettingType, row: Row, values: Mapping[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    for name, raw in values.items():
        if name not in kind.fields:
            wrong[name] = [_("There is no such field.")]
            continue
        column = kind.model._meta.get_field(name)
        try:
            setattr(row, column.attname, _value(column, raw, row))  # type: ignore[union-attr]
        except ValidationError as problem:
            linked = isinstance(column, models.ForeignKey)
            wrong[name] = [_("Choose one of the list.")] if linked else list(problem.messages)
    if wrong:
        raise Invalid(fields=wrong)


def _value(column: Any, raw: Any, row: Row) -> Any:
    if isinstance(column, models.BooleanField):
        return raw is True or str(raw).lower() in ("1", "true", "on", "yes")
    if isinstance(raw, str):
        raw = clean(raw).strip()
    if raw in (None, "", [], {}):
        if column.null:
            return None
        if column.has_default():
            return column.get_default()
        raise ValidationError(_("Fill this in."))
    return column.clean(raw, row)


def text_per_language(raw: Any, languages: tuple[str, ...], limit: int = 80) -> dict[str, str]:
    """A label in several languages from raw input; ValueError with words when there is none or it is too long."""
    if not isinstance(raw, Mapping):
        raise ValueError(_("Enter a text."))
    found = {}
    for language in languages:
        text = " ".join(clean(str(raw.get(language) or "")).split())
        if len(text) > limit:
            raise ValueError(too_long(len(text), limit))
        if text:
            found[language] = text
    if not found:
        raise ValueError(_("Give it a name in at least one language."))
    return found


def free_key(names: Mapping[str, str], word: str, taken: Collection[str], before: str = "") -> str:
    """A key made of a name, written in Latin letters (else of the word), that nobody has yet; `before` begins it."""
    name = names.get("en") or next(filter(None, names.values()), "")
    latin = re.sub(r"[^a-z0-9]+", "_", anyascii(fold(name)).lower()).strip("_")[:30].rstrip("_")
    base = latin if re.match(r"[a-z]", latin) else f"{word}_{latin}".strip("_")
    base = (before + base)[:36].rstrip("_")  # with a number behind it, it is no longer than a key may be
    if base.endswith("_fold"):
        base += "_1"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


def key_problem(key: str) -> str:
    """What is wrong with the key of a field or a kind of link that an administrator makes; "" when nothing is."""
    if not KEY.fullmatch(key) or not key.startswith(OWN) or key.endswith("_fold"):
        return _("Begin with “%(own)s”; then use small Latin letters, digits and underscores.") % {"own": OWN}
    return ""


@dataclass
class Wrong:
    """Collects what is wrong, field by field."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        """One more sentence about a field."""
        self.fields.setdefault(name, []).append(text)

    def stop(self) -> None:
        """Raise Invalid when anything was collected."""
        if self.fields:
            raise Invalid(fields=self.fields)


# --- how it is told --------------------------------------------------------------------------------------------------


def for_permitted(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Events of settings show to those who have the right to change them."""
    kind = _types.get(payload.get("setting", ""))
    return payload if kind is not None and actor.permits(kind.permit) else None


def _named(payload: Payload, actor: Actor) -> dict[str, str]:
    return {"name": Label.of(payload["name"])[actor.language]}


register(EventType("setting.changed", lambda p, a: _("changed the setting “%(name)s”") % _named(p, a),
                   icon="settings", redact=for_permitted))  # fmt: skip
register(EventType("setting.removed", lambda p, a: _("deleted the setting “%(name)s”") % _named(p, a),
                   icon="trash", redact=for_permitted))  # fmt: skip
