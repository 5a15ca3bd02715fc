"""Logging in and out, and the page behind a one-time link."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.access.actors import user_actor
from comity.changes import entrance
from comity.changes.bus import run
from comity.identity import links, passwords
from comity.identity.models import OneTimeLink, User
from comity.kernel.errors import Invalid, NotFound, Refused, TooMany
from comity.ui.middleware import COOKIE, public
from comity.ui.render import page

COOKIE_DAYS = 400  # the longest browsers keep one; the session itself ends after thirty days without a visit


def address_of(request: HttpRequest) -> str:
    """Where the request came from; the server has already taken a trusted proxy's word for it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def agent_of(request: HttpRequest) -> str:
    """What the browser calls itself."""
    return str(request.headers.get("User-Agent", ""))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """GET: the form; POST `username`, `password`, `next`: a session, and on to `next`."""
    given = request.POST if request.method == "POST" else request.GET
    target = safe_target(given.get("next", ""))
    if request.method != "POST":
        if request.actor is not None:  # type: ignore[attr-defined]
            return HttpResponseRedirect(target)
        return page(request, "ui/login.html", page={"url": "/login", "next": target, "notice": _first_start()})
    name = given.get("username", "").strip()
    try:
        cookie = entrance.log_in(name, given.get("password", ""), address_of(request), agent_of(request))
    except (Refused, TooMany) as problem:
        status = problem.status if isinstance(problem, TooMany) else 422
        told = {"url": "/login", "next": target, "username": name, "error": problem.what, "wait_text": problem.todo}
        response = page(request, "ui/login.html", status=status, page=told)
        if isinstance(problem, TooMany):
            response["Retry-After"] = str(problem.retry_after)
        return response
    return enter(HttpResponseRedirect(target), cookie)


def _first_start() -> str:
    """How a base in which nobody is yet is begun; "" in any other."""
    if User.objects.exists():
        return ""
    return _(
        "Nobody is in this base yet. Begin on the server: “comity init” makes your own base, “comity demo” loads an "
        "invented company to look around in."
    )


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this browser's session, also in the middle of looking through a colleague's eyes."""
    actor = request.see_as or request.actor  # type: ignore[attr-defined]
    session_id = getattr(request, "session_id", None)
    if session_id is not None:
        run(actor, entrance.LogOut(session_id))
    response = HttpResponseRedirect("/login")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


@public
@require_http_methods(["GET", "HEAD", "POST"])
def one_time(request: HttpRequest, secret: str) -> HttpResponse:
    """An invitation or a password reset: choose a password, and be logged in."""
    link = links.find(secret)
    if link is None:
        return _spent(request)
    if request.method != "POST":
        return _choose(request, link, secret, {})
    password = request.POST.get("password", "")
    if password != request.POST.get("again", ""):
        return _choose(request, link, secret, {"again": [_("The two are not the same. Type both again.")]})
    try:
        user = entrance.enter_by_link(secret, password)
    except Invalid as problem:
        return _choose(request, link, secret, {"password": [str(text) for text in problem.fields.get("password", [])]})
    except NotFound:
        return _spent(request)
    cookie = run(user_actor(user.pk), entrance.LogIn(address_of(request), agent_of(request))).secret
    return enter(HttpResponseRedirect("/"), cookie)


def _choose(request: HttpRequest, link: OneTimeLink, secret: str, wrong: dict[str, list[str]]) -> HttpResponse:
    labels = {"password": _("New password"), "again": _("The same password again")}
    fields = [
        {"key": key, "kind": "password", "label": label, "required": True, "autocomplete": "new-password",
         "errors": wrong.get(key, [])}
        for key, label in labels.items()
    ]  # fmt: skip
    fields[0]["help"] = passwords.rule()
    invited = link.purpose == "invite"
    told = {
        "title": _("Welcome, %(name)s") % {"name": link.user.name} if invited else _("Choose a new password"),
        "text": _("Choose a password. With it and your e-mail address %(email)s you log in from now on.")
        % {"email": link.user.email},
        "url": links.path(secret), "name": link.user.email, "fields": fields, "submit_label": _("Save and log in"),
        "errors": [{"text": text, "field_id": f"i-{key}"} for key, texts in wrong.items() for text in texts],
    }  # fmt: skip
    response = page(request, "ui/one_time.html", status=422 if wrong else 200, page=told)
    return _private(response)


def _spent(request: HttpRequest) -> HttpResponse:
    told = {
        "title": _("This link no longer works"),
        "used": _("It was used already, or it is older than three days. Your administrator can make you a new one."),
    }
    return _private(page(request, "ui/one_time.html", status=410, page=told))


def _private(response: HttpResponse) -> HttpResponse:
    """The address itself is a key: no cache keeps it (and our referrer policy tells it to no other site)."""
    response["Cache-Control"] = "no-store"
    return response


def safe_target(target: str) -> str:
    """A path of this installation to go on to; the start page for anything else."""
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target if not target.startswith(("/login", "/logout")) else "/"
    return "/"


def enter(response: HttpResponse, cookie: str) -> HttpResponse:
    """Hand the browser its session."""
    response.set_cookie(
        COOKIE, cookie, max_age=COOKIE_DAYS * 24 * 3600, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response
