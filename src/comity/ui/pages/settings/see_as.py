"""The way back from looking through a colleague's eyes."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.changes.bus import run
from comity.changes.colleagues import SeeAs
from comity.kernel.errors import NotFound
from comity.ui.pages.settings.people import PEOPLE
from comity.ui.render import done


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Back to one's own view."""
    administrator, session_id = request.see_as, getattr(request, "session_id", None)  # type: ignore[attr-defined]
    if administrator is None or session_id is None:
        raise NotFound()
    run(administrator, SeeAs(session_id, None))
    return done(request, PEOPLE.url, _("You are back in your own view."))
