"""Where forms save themselves while they are filled in."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from comity.access.actors import Actor
from comity.ui.drafts import forget_draft, save_draft
from comity.ui.render import is_fragment

NEVER = ("idempotency", "next", "password")


@require_POST
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """POST: keep the form, or with `discard` throw it away."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.GET.get("discard"):
        forget_draft(actor, key)
        if is_fragment(request):
            response = HttpResponse(status=200)
            response["HX-Refresh"] = "true"
            return response
        return HttpResponseRedirect(request.headers.get("Referer", "/"))
    data = request.POST.copy()
    for name in NEVER:
        data.pop(name, None)
    save_draft(actor, key, data.urlencode())
    return HttpResponse(status=204)
