"""What of pipelines hangs on clients, when two of them are merged: passes through gates."""

from django.utils.translation import gettext as _

from comity.exchange.merging import movers
from comity.sales.pipelines.model import GatePass


def register() -> None:
    """Let passes move to the client that stays."""
    movers.register(
        movers.hanging(
            "gate_passes", GatePass, lambda: _("Passes through gates"), type_column="client_type",
            id_column="client_id",
        )
    )  # fmt: skip
