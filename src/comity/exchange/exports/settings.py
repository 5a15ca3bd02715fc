"""The page in the settings of the company from which everything goes out: the base, and what support may see."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.access import policy
from comity.exchange.exports import support
from comity.exchange.exports.commands import ADMINISTRATOR
from comity.kernel.errors import Refused
from comity.ui.pages.files import DOWNLOAD
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, actor_of, button, card
from comity.ui.render import page

SUPPORT = "/support"


def _cards(request: HttpRequest, item: str) -> Sequence[Card]:
    base = card(
        "base", _("The whole base"), actions=[button(_("Export the whole base"), "/exports/base", icon="download"),
                                               button(_("Exports of late"), "/exports", icon="history")],
        help=_("Everything in an open form, with files and history. An empty Comity can load it."),
    )  # fmt: skip
    told = card(
        "support", _("For a helper from outside"), actions=[button(_("See what is in it"), SUPPORT, icon="eye")],
        help=_("Versions, settings, counts and kinds of errors; no word about clients or colleagues."),
    )  # fmt: skip
    organization = actor_of(request).state.organization
    if organization is None or not organization.demo:
        return [base, told]
    sample = card("sample", _("The sample company"), help=_(
        "This base began as an invented company. To go on with your own, stop Comity on the server and run "
        "“comity demo --remove”: the sample goes, what you have entered or changed yourself stays."
    ))  # fmt: skip
    return [sample, base, told]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """GET: what would be saved, to read first; `save=1`: the file."""
    actor = actor_of(request)
    actor.require(ADMINISTRATOR)
    if actor.seen_by is not None:
        raise Refused()
    text = support.text()
    if request.GET.get("save"):
        response = HttpResponse(text, content_type="application/json; charset=utf-8", headers=DOWNLOAD)
        name = f"comity-support-{policy.today(actor).isoformat()}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {
        "title": _("For a helper from outside"), "text": text, "save_url": f"{SUPPORT}?save=1",
        "back": {"label": _("Export and support"), "url": "/settings/exports"},
    }  # fmt: skip
    return page(request, "exchange/support.html", page=context)


def register() -> None:
    """Add the page to the settings of the company."""
    kit.add(SettingsPage(
        "exports", lambda: _("Export and support"), "download", 185, _cards, permit=ADMINISTRATOR,
        words=lambda: _("take everything away, whole base, support bundle"),
    ))  # fmt: skip
