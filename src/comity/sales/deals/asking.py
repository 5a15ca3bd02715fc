"""A question about one deal: the same in the dialog and as a page of its own, kept when it is refused."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Command, Result, run
from comity.changes.commands import changed_since, type_of
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.kernel.text import whole_number
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.sales.deals.moving import PLACE
from comity.sales.deals.panels import reads
from comity.sales.pipelines import state
from comity.ui.cells import moment_format
from comity.ui.pages.edit import next_url, undo_url
from comity.ui.render import done, fragment, fresh_key, html, is_fragment, page
from comity.ui.uploads import check_size


class Asking:
    """A question about one deal: who is asked, the card, and where the answer goes."""

    def __init__(self, request: HttpRequest, deal_id: UUID, what: str) -> None:
        """Raises NotFound, Refused, TooLarge."""
        check_size(request)
        self.request, self.what = request, what
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        self.type: RecordType = type_of(self.actor, "deal")
        self.card = policy.get(self.actor, self.type, deal_id, "edit")
        if not reads(self.actor, self.type, "stage", "state"):
            raise NotFound()
        self.post = request.POST
        self.url = f"/deals/{deal_id}"

    @property
    def posted(self) -> bool:
        """Whether an answer was given."""
        return self.request.method == "POST"

    @property
    def version(self) -> int:
        """The version the question was asked about; the card's own where it names none."""
        return whole_number(self.post.get("version", "")) or self.card.version

    def spec(self, key: str) -> FieldSpec:
        """A field of deals."""
        return self.type.spec(key)

    def run(self, command: Command) -> Result:
        """Do it, once for each form that was loaded."""
        return run(self.actor, command, key=self.post.get("idempotency", ""))

    def meanwhile(self, version: int) -> str:
        """Who moved it where since that version, and where it stands."""
        self.card = policy.get(self.actor, self.type, self.card.pk, "edit")
        theirs = changed_since("deal", self.card.pk, version)
        event = next((theirs[one] for one in PLACE if one in theirs), None)
        here = state.of(self.actor.state).stages.get(self.card.stage)
        stage = here.label[self.actor.language] if here else self.card.stage
        if event is None:
            return _("This deal was changed while you were looking at it. It stands in “%(stage)s” now.") % {
                "stage": stage}  # fmt: skip
        member = self.actor.state.users.get(event.actor_id) if event.actor_id else None
        when = moment_format(self.actor.language, now(), self.actor.timezone)(event.at)
        text = _("%(who)s moved this deal to “%(stage)s” meanwhile (%(when)s).")
        return text % {"who": member.name if member else _("Comity"), "stage": stage, "when": when}

    def done(self, result: Result, text: str) -> HttpResponse:
        """Back to where he came from, with the message and its undo."""
        return done(self.request, next_url(self.request, self.url), text, undo_url(result))

    def answer(self, status: int = 200, template: str = "sales/ask.html", **ask: Any) -> HttpResponse:
        """The question: in the dialog, or as a page of its own that leads back to the card."""
        given = self.post if self.posted else self.request.GET
        hidden = [["next", given["next"]]] if given.get("next") else []
        wrong = ask.pop("errors", {})
        every = [*ask.get("fields", ()), *ask.get("files", ()), *(ask.get("anyway") or {"fields": ()})["fields"]]
        named = {one["key"]: one["label"] for one in every}
        context = {
            "url": f"{self.url}/{self.what}", "cancel_url": self.url, "idempotency": fresh_key(),
            "version": self.version if status == 422 else self.card.version, **ask,
            "hidden": hidden + ask.get("hidden", []),
            "errors": [
                {"text": f"{named[key]}: {text}" if key in named else text, "field_id": f"i-{key}"}
                for key, texts in wrong.items() for text in texts
            ],
        }  # fmt: skip
        if is_fragment(self.request):
            return fragment(self.request, template, status, ask=context, dialog=True)
        inner = html(template, {"ask": context})
        back = {"label": self.card.title, "url": self.url}
        return page(
            self.request, "ui/popover_page.html", status, page={"title": ask["title"], "back": back, "html": inner}
        )
