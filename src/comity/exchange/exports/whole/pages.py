"""The page from which the whole base is taken out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.exchange.exports.commands import ADMINISTRATOR
from comity.exchange.exports.whole import making
from comity.kernel.errors import Invalid
from comity.ui.render import done, fresh_key, page

URL = "/exports"


def base(request: HttpRequest) -> HttpResponse:
    """GET: what goes out, and the question for the password. POST: begin."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(ADMINISTRATOR)
    errors: list[str] = []
    if request.method == "POST":
        try:
            export_id = making.ask(actor, request.POST.get("password", ""), request.POST.get("idempotency", ""))
            return done(request, f"{URL}/{export_id}")
        except Invalid as problem:
            errors = [str(text) for text in problem.fields.get("password", [])]
    told = _(
        "All cards, links, notes, tasks, files, settings and the whole history leave as one archive in an open form. "
        "Passwords, tokens and webhooks do not. It can be loaded into an empty Comity. Who has the file has everything:"
        " keep it where nobody else finds it."
    )
    fields: list[dict[str, Any]] = [
        {"key": "password", "kind": "password", "label": _("Your password"), "required": True, "value": "",
         "autocomplete": "current-password", "errors": errors},
    ]  # fmt: skip
    form = {
        "title": _("Export the whole base"), "url": f"{URL}/base", "submit_label": _("Export"), "cancel_url": URL,
        "back": {"label": _("Exports"), "url": URL}, "idempotency": fresh_key(),
        "errors": [{"text": text, "field_id": "i-password"} for text in errors],
        "groups": [{"label": "", "help": told, "fields": fields}],
    }  # fmt: skip
    return page(request, "ui/form.html", 422 if errors else 200, form=form)
