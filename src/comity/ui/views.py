"""Saved views of a list: the built-in ones, the person's own, and those shared with him."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.records.conditions import Where
from comity.records.models import SavedView
from comity.records.types import RecordType


@dataclass(frozen=True)
class View:
    """A list one can come back to."""

    key: str  # "all", "mine" or the id of a SavedView
    name: str
    where: Where = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = ""
    shared: bool = False
    row: SavedView | None = None


def views_of(actor: Actor, record_type: RecordType) -> list[View]:
    """The views a person may use on a type, in order."""
    mine: Where = {"all": [{"field": "owner", "op": "any", "value": ["me"]}]}
    found = [View("all", _("Everyone") if record_type.key == "person" else _("All")), View("mine", _("Mine"), mine)]
    for row in actor.state.views:
        if row.type_key == record_type.key and may_use(actor, row):
            found.append(View(str(row.id), row.name, row.where, tuple(row.columns), row.sort, row.shared, row))
    return found


def may_use(actor: Actor, row: SavedView) -> bool:
    """His own, or shared with everybody or his team."""
    if row.owner_id == actor.user_id:
        return True
    return row.shared and (row.team_id is None or row.team_id in actor.own_teams)


def choose(actor: Actor, record_type: RecordType, key: str) -> View:
    """The view of that key; the first one when there is none (any more)."""
    views = views_of(actor, record_type)
    return next((view for view in views if view.key == key), views[0])
