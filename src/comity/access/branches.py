"""The legal entity a colleague works for, and its working hours: by his main team, else the nearest one above it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from comity.access.snapshot import Snapshot, add_part
from comity.identity.models import Branch
from comity.kernel.worktime import WorkHours, work_hours
from comity.records import options
from comity.records.fields import Choice
from comity.records.labels import LANGUAGES, Label

PART = "branches"


def _load() -> dict[UUID, Branch]:
    return {row.pk: row for row in Branch.objects.order_by("name", "id")}


def of_team(state: Snapshot, team_id: UUID | None) -> Branch | None:
    """The branch in use that a team works for; None when neither it nor a team above it has one."""
    branches: Mapping[UUID, Branch] = state.parts[PART]
    met: set[UUID] = set()
    while team_id is not None and team_id in state.teams and team_id not in met:
        met.add(team_id)
        team = state.teams[team_id]
        row = branches.get(team.branch_id) if team.branch_id else None
        if row is not None and row.archived_at is None:
            return row
        team_id = team.parent_id
    return None


def of_user(state: Snapshot, user_id: UUID | None) -> Branch | None:
    """The branch a colleague works for."""
    places = state.memberships.get(user_id, ()) if user_id else ()
    return of_team(state, places[0][0]) if places else None  # the main team stands first


def hours_of(state: Snapshot, user_id: UUID | None) -> WorkHours:
    """The hours that hold for a colleague: of his branch where it keeps its own, else the company's."""
    branch, organization = of_user(state, user_id), state.organization
    if branch is None or not branch.own_hours:
        return work_hours(organization)
    return work_hours(branch, organization.timezone if organization else "")


def _choices(parts: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(row.pk), Label(*[row.name] * len(LANGUAGES)), 0, row.archived_at is not None)
        for row in parts[PART].values()
    )


add_part(PART, _load)
options.register(options.OptionList(
    "branch", Label("Branches", "Организации", "Організації", "Дружества", "Badan usaha", "الفروع"), load=_choices,
))  # fmt: skip
