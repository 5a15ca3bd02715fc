"""Tags, and the kinds of links between cards."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting, free_key, version_of
from comity.changes.tags import MergeTags
from comity.kernel.errors import Invalid, NotFound
from comity.records import relations
from comity.records.fields import OWN
from comity.records.labels import Label
from comity.records.models import RelationKind, Tag, TagLink
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import Markup, done

HUES = range(1, 9)


# --- tags ------------------------------------------------------------------------------------------------------------


def _tag(item: str) -> Tag:
    found = Tag.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _tag_fields(tag: Tag | None) -> list[dict[str, Any]]:
    colours = [{"value": str(hue), "label": _("Colour %(number)s") % {"number": hue}} for hue in HUES]
    return [
        {"key": "name", "kind": "text", "label": _("Name"), "value": tag.name if tag else "", "required": True,
         "max_length": 60},
        {"key": "hue", "kind": "choice", "label": _("Colour"), "value": str(tag.hue if tag else 1), "required": True,
         "choices": colours},
    ]  # fmt: skip


def _tag_cards(request: HttpRequest, item: str) -> list[Card]:
    if item:
        tag = _tag(item)
        deletes = button(_("Delete tag"), act_url("tags", "delete", item), dialog=True, danger=True, icon="trash")
        merges = button(_("Merge into another tag"), act_url("tags", "merge", item), dialog=True, icon="arrows-join")
        return [card("tag", _("Tag"), url=act_url("tags", "tag", item), version=version_of(tag),
                     fields=_tag_fields(tag), actions=[merges, deletes])]  # fmt: skip
    # Who may change tags is told how many cards bear one, not which: no card is named here.
    used = dict(TagLink.objects.values_list("tag").annotate(count=Count("id")))
    rows = [
        {"cells": [Markup('<i class="dot h{}"></i> {}').format(tag.hue, tag.name), str(used.get(tag.pk, 0))],
         "url": f"{TAGS.url}/{tag.pk}"}
        for tag in Tag.objects.order_by("fold")
    ]  # fmt: skip
    return [card(
        "tags", _("Tags"), actions=[button(_("New tag"), act_url("tags", "new"), icon="plus", primary=True)],
        table={"caption": _("Tags"), "columns": [_("Tag"), _("Cards")], "rows": rows},
    )]  # fmt: skip


def _save_tag(request: HttpRequest, item: str) -> HttpResponse:
    values = kit.posted(request, "name", "hue")
    command = SaveSetting("tag", values, kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "tags", "tag", command, item)


def _new_tag(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("New tag"), act_url("tags", "new"), _tag_fields(None), back=TAGS, submit=_("Make tag"))
    return kit.fill_in(request, made, lambda: SaveSetting("tag", kit.posted(request, "name", "hue")),
                       lambda result: done(request, TAGS.url, _("The tag is made.")))  # fmt: skip


def _delete_tag(request: HttpRequest, item: str) -> HttpResponse:
    tag = _tag(item)
    return kit.ask(
        request, _("Delete the tag %(name)s?") % {"name": tag.name}, _("It disappears from every card."),
        _("Delete"), f"{TAGS.url}/{item}", DeleteSetting("tag", tag.pk), _("The tag is deleted."), TAGS.url,
    )  # fmt: skip


def _merge_tag(request: HttpRequest, item: str) -> HttpResponse:
    tag = _tag(item)
    others = [{"value": str(one.pk), "label": one.name} for one in Tag.objects.order_by("fold") if one.pk != tag.pk]
    into = {"key": "into", "kind": "choice", "label": _("Into"), "required": True, "choices": others, "value": ""}

    def command() -> MergeTags:
        known = {one["value"] for one in others}
        if request.POST.get("into", "") not in known:
            raise Invalid(fields={"into": [_("Choose one of the list.")]})
        return MergeTags(tag.pk, kit.key_of(request.POST["into"]))

    return kit.ask(
        request, _("Merge the tag %(name)s into another one?") % {"name": tag.name},
        _("Every card, list and sharing rule that has it gets the other one. This can’t be undone."), _("Merge"),
        f"{TAGS.url}/{item}", command, _("The tags are one."), TAGS.url, fields=[into],
    )  # fmt: skip


TAGS = kit.add(SettingsPage(
    "tags", lambda: _("Tags"), "tag", 160, _tag_cards,
    {"tag": _save_tag, "new": _new_tag, "delete": _delete_tag, "merge": _merge_tag}, permit="settings",
    words=lambda: _("labels, colours"), item_title=lambda request, item: _tag(item).name,
))  # fmt: skip


# --- kinds of links --------------------------------------------------------------------------------------------------


def _kind(item: str) -> RelationKind:
    found = RelationKind.objects.filter(pk=kit.key_of(item)).first()
    if found is None:
        raise NotFound()
    return found


def _kind_fields(kind: RelationKind | None) -> list[dict[str, Any]]:
    return [
        *kit.labels("forward", _("What the second is to the first"), kind.forward if kind else {}),
        *kit.labels("backward", _("What the first is to the second"), kind.backward if kind else {}),
    ]


def _kind_cards(request: HttpRequest, item: str) -> list[Card]:
    if item:
        kind = _kind(item)
        if kind.archived_at is None:
            move = button(_("Archive"), act_url("links", "archive", item), dialog=True, danger=True, icon="archive")
        else:
            move = button(_("Take back into use"), act_url("links", "restore", item), method="post",
                          icon="arrow-back-up")  # fmt: skip
        return [card("kind", _("Kind of link"), url=act_url("links", "kind", item), version=version_of(kind),
                     fields=_kind_fields(kind), actions=[move])]  # fmt: skip
    language = actor_of(request).language
    shipped = [{"cells": [one.forward[language], one.backward[language]]} for one in relations.shipped()]
    own = [
        {"cells": [Label.of(one.forward)[language], Label.of(one.backward)[language],
                   _("Archived") if one.archived_at else ""], "url": f"{LINKS.url}/{one.pk}"}
        for one in RelationKind.objects.order_by("archived_at", "key")
    ]  # fmt: skip
    columns = [_("Seen from the first"), _("Seen from the second")]
    return [
        card("own", _("Own kinds of links"),
             actions=[button(_("New kind of link"), act_url("links", "new"), icon="plus", primary=True)],
             table={"caption": _("Own kinds of links"), "columns": [*columns, _("State")], "rows": own}),
        card("shipped", _("Shipped kinds of links"),
             table={"caption": _("Shipped kinds of links"), "columns": columns, "rows": shipped}),
    ]  # fmt: skip


def _kind_values(request: HttpRequest) -> dict[str, Any]:
    return {name: kit.posted_labels(request, name) for name in ("forward", "backward")}


def _save_kind(request: HttpRequest, item: str) -> HttpResponse:
    command = SaveSetting("relation_kind", _kind_values(request), kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "links", "kind", command, item)


def _new_kind(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(_("New kind of link"), act_url("links", "new"), _kind_fields(None), back=LINKS, submit=_("Make"),
                    explain=_("One language is enough; the others may follow."))  # fmt: skip

    def command() -> SaveSetting:
        values = _kind_values(request)
        taken = set(RelationKind.objects.values_list("key", flat=True))
        return SaveSetting("relation_kind", {"key": free_key(values["forward"], "link", taken, OWN), **values})

    return kit.fill_in(request, made, command, lambda result: done(request, LINKS.url, _("The kind of link is made.")))


def _archive_kind(request: HttpRequest, item: str) -> HttpResponse:
    return kit.ask(
        request, _("Archive this kind of link?"), _("It can no longer be chosen. It can be taken back into use."),
        _("Archive"), f"{LINKS.url}/{item}", DeleteSetting("relation_kind", _kind(item).pk),
        _("The kind of link is archived."),
    )  # fmt: skip


def _restore_kind(request: HttpRequest, item: str) -> HttpResponse:
    command = RestoreSetting("relation_kind", _kind(item).pk)
    return kit.press(request, f"{LINKS.url}/{item}", command, _("The kind of link is in use again."))


LINKS = kit.add(SettingsPage(
    "links", lambda: _("Links between cards"), "link", 170, _kind_cards,
    {"kind": _save_kind, "new": _new_kind, "archive": _archive_kind, "restore": _restore_kind}, permit="fields",
    words=lambda: _("relations, partner, rival"),
    item_title=lambda request, item: Label.of(_kind(item).forward)[actor_of(request).language],
))  # fmt: skip
