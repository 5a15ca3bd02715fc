"""Saved views of a list: the built-in ones, the person's own, and those shared with him."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records import conditions
from comity.records.conditions import Where
from comity.records.models import SavedView
from comity.records.types import RecordType
from comity.records.views import set_built_in


@dataclass(frozen=True)
class View:
    """A list one can come back to."""

    key: str  # of a built-in one ("all", "mine", ...) or the id of a SavedView
    name: str
    where: Where = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = ""
    shared: bool = False
    row: SavedView | None = None
    counted: bool = False  # the tab shows how many there are


MINE: Where = {"all": [{"field": "owner", "op": "any", "value": ["me"]}]}


@dataclass(frozen=True)
class BuiltIn:
    """A view a type has of its own. `where` may depend on the day: it is asked for each page."""

    key: str
    name: Callable[[], str]
    where: Callable[[Actor], Where]
    sort: str = ""
    counted: bool = False


_own: dict[str, tuple[BuiltIn, ...]] = {}


def build_in(type_key: str, *views: BuiltIn) -> None:
    """Give a type views of its own instead of "All" and "Mine"; the first one shows until another is chosen.

    One of them has the key "all" and leaves nothing out. Raises ValueError without it.
    """
    set_built_in(type_key, tuple(one.key for one in views))
    _own[type_key] = views


def views_of(actor: Actor, record_type: RecordType) -> list[View]:
    """The views a person may use on a type, in order."""
    if record_type.key in _own:
        readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
        found = []
        for one in _own[record_type.key]:
            where = one.where(actor)
            if all(str(leaf["field"]).partition(".")[0] in readable for leaf in conditions.leaves(where)):
                found.append(View(one.key, one.name(), where, sort=one.sort, counted=one.counted))
    else:
        found = [View("all", _("Everyone") if record_type.key == "person" else _("All")), View("mine", _("Mine"), MINE)]
    for row in actor.state.views:
        if row.type_key == record_type.key and may_use(actor, row):
            found.append(View(str(row.id), row.name, row.where, tuple(row.columns), row.sort, row.shared, row))
    return found


def may_use(actor: Actor, row: SavedView) -> bool:
    """His own, or shared with everybody or his team."""
    if row.owner_id == actor.user_id:
        return True
    return row.shared and (row.team_id is None or row.team_id in actor.own_teams)


def choose(views: list[View], key: str) -> View:
    """The view of that key; the first one when there is none (any more)."""
    return next((view for view in views if view.key == key), views[0])
