"""The models of the room, where Django looks for them."""

from comity.sales.deals.model import Deal, DealLine, StageVisit
from comity.sales.leads.model import Lead
from comity.sales.pipelines.model import GatePass, Goal, Pipeline, Stage

__all__ = ["Deal", "DealLine", "GatePass", "Goal", "Lead", "Pipeline", "Stage", "StageVisit"]
