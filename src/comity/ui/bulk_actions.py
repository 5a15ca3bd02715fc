"""What can be done with many records at once."""

from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.ui import registry


def offered(actor: Actor, record_type: RecordType) -> list[dict[str, Any]]:
    """The buttons of the floating bar, as far as he may use them."""
    url = f"/{record_type.slug}/bulk/"
    found: list[dict[str, Any]] = []
    writable = {spec.key for spec, level in policy.shown_fields(actor, record_type) if level == "write"}
    if actor.scope(record_type.key, "edit") != "none":
        if "owner" in writable:
            found.append({"key": "owner", "label": _("Owner"), "icon": "user-share", "url": f"{url}owner"})
        if "tags" in writable:
            found.append({"key": "tag", "label": _("Tag"), "icon": "tag", "url": f"{url}tag"})
        found.append({"key": "edit", "label": _("Change a field"), "icon": "pencil", "url": f"{url}edit"})
    for one in registry.for_type(registry.bulk, record_type, actor):
        if one.offered(actor, record_type):
            found.append({"key": one.key, "label": one.label(), "icon": one.icon, "url": f"{url}{one.key}"})
    if actor.scope(record_type.key, "delete") != "none":
        found.append({"key": "trash", "label": _("Trash"), "icon": "trash", "url": f"{url}trash", "danger": True})
    return found
