"""Two tags that mean the same become one."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.models import SharingRule
from comity.changes.bus import Work
from comity.changes.settings import existing, ref_of, setting_type
from comity.kernel.errors import Invalid
from comity.records.models import SavedView, TagLink


@dataclass
class MergeTags:
    """Put one tag in the place of another on every card, in lists and in sharing rules; the other one goes."""

    key: ClassVar[str] = "tag.merge"
    lost_id: UUID
    kept_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        work.actor.require("settings")
        if self.lost_id == self.kept_id:
            raise Invalid(fields={"into": [_("Choose another tag.")]})
        kind = setting_type("tag")
        lost, kept = existing(kind, self.lost_id), existing(kind, self.kept_id)
        there = TagLink.objects.filter(tag=kept, type_key=OuterRef("type_key"), record_id=OuterRef("record_id"))
        TagLink.objects.filter(Exists(there), tag=lost).delete()
        TagLink.objects.filter(tag=lost).update(tag=kept)
        for model in (SavedView, SharingRule):
            _rename(model, str(lost.pk), str(kept.pk))
        lost_ref, name = ref_of("tag", lost), lost.name
        lost.delete()
        changes = {"name": [name, kept.name]}
        work.tell("setting.removed", lost_ref, {"setting": "tag", "name": name, "changes": changes})
        snapshot.changed()


def _rename(model: Any, lost: str, kept: str) -> None:
    for row in model.objects.select_for_update():
        text = json.dumps(row.where)
        if lost in text:
            row.where = json.loads(text.replace(lost, kept))
            row.save(update_fields=["where"])
