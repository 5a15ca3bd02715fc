"""What can be done with a card besides changing its fields: commands marked automatable, found by the type they are of.

A command "deal.move" whose first field is `deal_id` (or `record_id`) is the action "move" of deals; one with `type_key`
and `record_id`, or with `from_ref`, is an action of every card: "note-write", "relation-set". What it takes is read off
its dataclass, so a room that writes a command has written its action; what only callers inside the house say is marked
INTERNAL there and never offered.
"""

import dataclasses
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Several
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType, NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes.bus import actions
from comity.changes.commands import Create, Update
from comity.kernel.errors import Invalid
from comity.records.models import RecordRef
from comity.records.types import RecordType

LARGEST = 2**31 - 1
MOST = 1000  # entries of a list
INTERNAL = MappingProxyType({"internal": True})  # metadata of a command's field that no program is offered


@dataclass(frozen=True)
class Input:
    """One thing an action takes. `kind`: text integer bool date datetime key card values list keys texts any."""

    name: str
    kind: str
    required: bool
    nullable: bool


@dataclass(frozen=True)
class Action:
    """One action; `type_key` "" = of cards of every type."""

    name: str
    type_key: str
    command: type[Any]
    inputs: tuple[Input, ...]

    @property
    def about(self) -> str:
        """What it does, in a sentence (English, for those who write programs)."""
        return " ".join((self.command.__doc__ or "").strip().split("\n\n")[0].split())

    def make(self, ref: RecordRef, raw: Mapping[str, Any]) -> Any:
        """The command for a card; raises Invalid with words per input."""
        known = {one.name: one for one in self.inputs}
        wrong = {name: [_("There is no such field.")] for name in raw if name not in known}
        values: dict[str, Any] = {}
        for one in self.inputs:
            if one.name not in raw:
                if one.required:
                    wrong[one.name] = [_("Fill this in.")]
                elif one.name == "version":
                    values["version"] = 0
                continue
            try:
                values[one.name] = _read(one, raw[one.name])
            except (ValueError, TypeError, OverflowError):
                wrong[one.name] = [_WORDS[one.kind]()]
        if wrong:
            raise Invalid(fields=wrong)
        return self.command(**values, **_target(self.command, ref))


def of_type(type_key: str) -> dict[str, Action]:
    """The actions of a type's cards, by name."""
    every = [_action(command) for command in actions().values()]
    return {one.name: one for one in every if one and one.type_key in ("", type_key)}


def fits(action: Action, record_type: RecordType) -> bool:
    """Whether it has a sense for cards of a type; a command says so by a class method `fits`."""
    asked = getattr(action.command, "fits", None)
    return asked is None or bool(asked(record_type))


_made: dict[type[Any], Action | None] = {}


def _action(command: type[Any]) -> Action | None:
    """The action a command is, worked out once; None where it is none of a card."""
    if command not in _made:
        _made[command] = _read_off(command)
    return _made[command]


def _read_off(command: type[Any]) -> Action | None:
    noun, _dot, verb = command.key.partition(".")
    names = [one.name for one in dataclasses.fields(command) if one.init]
    if issubclass(command, Create | Update) or noun == "record":
        return None
    if names[:2] == ["type_key", "record_id"] or "from_ref" in names:
        return Action(f"{noun}-{verb}", "", command, _inputs(command, {"type_key", "record_id", "from_ref"}))
    if names and names[0] in (f"{noun}_id", "record_id"):
        return Action(verb, noun, command, _inputs(command, {names[0]}))
    return None


def _target(command: type[Any], ref: RecordRef) -> dict[str, Any]:
    names = [one.name for one in dataclasses.fields(command) if one.init]
    if "from_ref" in names:
        return {"from_ref": ref}
    return {"type_key": ref.type, "record_id": ref.id} if names[0] == "type_key" else {names[0]: ref.id}


def _inputs(command: type[Any], but: set[str]) -> tuple[Input, ...]:
    hints = get_type_hints(command)
    found = []
    for one in dataclasses.fields(command):
        if not one.init or one.name in but or one.metadata.get("internal"):
            continue
        kind, nullable = _kind(hints[one.name])
        optional = one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
        found.append(Input(one.name, kind, not optional and one.name != "version", nullable))
    return tuple(found)


_PLAIN = {
    str: "text", int: "integer", bool: "bool", UUID: "key", date: "date", datetime: "datetime", RecordRef: "card",
    Any: "any",
}  # fmt: skip


def _kind(hint: Any) -> tuple[str, bool]:
    options = [one for one in get_args(hint) if one is not NoneType]
    if NoneType in get_args(hint):
        kind, _nullable = _kind(options[0])
        return kind, True
    origin = get_origin(hint) or hint
    if origin in (dict, Mapping):
        return "values", False
    if origin in (list, tuple, Several):
        return ({UUID: "keys", str: "texts"}.get(options[0], "list") if options else "list"), False
    return _PLAIN.get(hint, "any"), hint is Any


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise TypeError
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _datetime(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None or not 1000 <= moment.year < 9999:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _card(value: Any) -> RecordRef:
    type_key, _colon, key = _text(value).partition(":")
    return RecordRef(type_key, UUID(key))


def _values(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST:
        raise TypeError
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "text": _text, "integer": _integer, "bool": _bool, "key": lambda value: UUID(_text(value)),
    "date": lambda value: date.fromisoformat(_text(value)), "datetime": _datetime, "card": _card, "values": _values,
    "list": _list, "keys": lambda value: [UUID(_text(one)) for one in _list(value)],
    "texts": lambda value: tuple(_text(one) for one in _list(value)), "any": lambda value: value,
}  # fmt: skip
_WORDS: dict[str, Callable[[], str]] = {
    "text": lambda: _("Enter a text."), "integer": lambda: _("Enter a whole number."),
    "bool": lambda: _("Send true or false."), "key": lambda: _("Send the id of a card or a colleague."),
    "date": lambda: _("Enter a date such as 2026-03-31."),
    "datetime": lambda: _("Send a moment with its offset, such as 2026-03-31T10:00:00Z."),
    "card": lambda: _("Send a card as “type:id”."), "values": lambda: _("Send one JSON object."),
    "list": lambda: _("Send a list."), "keys": lambda: _("Send a list of ids."),
    "texts": lambda: _("Send a list of texts."), "any": lambda: _("Enter a text."),
}  # fmt: skip


def _read(one: Input, value: Any) -> Any:
    if value is None and one.nullable:
        return None
    return _READ[one.kind](value)
