"""What shipped fields and kinds of cards are called here, in every language."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.snapshot import ONE, SEVERAL
from comity.changes.own_labels import LONGEST, shipped_label
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records.labels import LANGUAGES, Label
from comity.records.models import OwnLabel
from comity.records.types import RecordType
from comity.ui.names import code_name
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card

WORDS = {ONE: "-one", SEVERAL: "-several"}  # how the parts that are no fields stand in addresses


def item_of(type_key: str, part: str) -> str:
    """The address of a name."""
    return f"{type_key}--{WORDS.get(part, part)}"


def _place(item: str) -> tuple[str, str, Label]:
    """Type, part, and what the house calls it; raises NotFound."""
    type_key, _dashes, word = item.partition("--")
    part = next((one for one, known in WORDS.items() if known == word), word)
    shipped = shipped_label(type_key, part)
    if shipped is None:
        raise NotFound()
    return type_key, part, shipped


def lines(request: HttpRequest, record_type: RecordType, shown: Any) -> list[dict[str, Any]]:
    """The rows of a table of everything shipped in a type: (label, kind in words) each, leading to its names."""
    language = actor_of(request).language
    parts = [(ONE, record_type.label, _("One card")), (SEVERAL, record_type.plural, _("Several cards"))]
    parts += [(spec.key, spec.label, shown(spec.kind)) for spec in record_type.specs
              if shipped_label(record_type.key, spec.key) is not None]  # fmt: skip
    own = set(OwnLabel.objects.filter(type_key=record_type.key).values_list("part", flat=True))
    renamed = _("renamed")
    return [
        {"cells": [label[language], f"{words} · {renamed}" if part in own else words,
                   *(label[code] for code in LANGUAGES if code != language)],
         "url": f"{LABELS.url}/{item_of(record_type.key, part)}"}
        for part, label, words in parts
    ]  # fmt: skip


def _cards(request: HttpRequest, item: str) -> list[Card]:
    if not item:
        raise NotFound()
    type_key, part, shipped = _place(item)
    row = OwnLabel.objects.filter(type_key=type_key, part=part).first()
    names = listed((f"{code_name('language', code, code)}: {shipped[code]}" for code in LANGUAGES), "en")
    actions = []
    if row:
        actions = [button(_("As shipped"), act_url("labels", "reset", item), method="post", icon="arrow-back-up")]
    return [card(
        "names", _("Name"), url=act_url("labels", "save", item), version=version_of(row) if row else "",
        help=_("Shipped as: %(names)s. A language left empty keeps its shipped name.") % {"names": names},
        fields=kit.labels("label", _("Name"), row.label if row else {}, limit=LONGEST), actions=actions,
    )]  # fmt: skip


def _save(request: HttpRequest, item: str) -> HttpResponse:
    type_key, part, _shipped = _place(item)
    row = OwnLabel.objects.filter(type_key=type_key, part=part).first()
    names = kit.posted_labels(request, "label")
    if row is not None:
        command = SaveSetting("own_label", {"label": names}, row.pk, request.POST.get("version", ""))
    else:
        command = SaveSetting("own_label", {"type_key": type_key, "part": part, "label": names})
    return kit.save(request, "labels", "names", command, item)


def _reset(request: HttpRequest, item: str) -> HttpResponse:
    type_key, part, _shipped = _place(item)
    row = OwnLabel.objects.filter(type_key=type_key, part=part).first()
    if row is None:
        raise NotFound()
    return kit.press(request, f"{LABELS.url}/{item}", DeleteSetting("own_label", row.pk), _("It is called as shipped."))


def _back(request: HttpRequest, item: str) -> dict[str, str]:
    return {"label": _("Fields"), "url": f"/settings/fields?type={_place(item)[0]}"}


LABELS = kit.add(SettingsPage(
    "labels", lambda: _("Names"), "columns-3", 151, _cards, {"save": _save, "reset": _reset}, permit="fields",
    item_title=lambda request, item: _place(item)[2][actor_of(request).language], item_back=_back, below="fields",
))  # fmt: skip
