"""What stands round every page: who asks, from where, in which language; headers; problems in plain words."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import deflate
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from comity.access.actors import Actor, user_actor
from comity.access.bounds import Bounds
from comity.access.snapshot import snapshot
from comity.identity import sessions, tokens
from comity.kernel.errors import NotFound, Problem, Refused, Unknown, WrongWay, from_exception
from comity.records.labels import LANGUAGES
from comity.ui import problems
from comity.ui.render import html, is_fragment

COOKIE = "comity_session"
SAFE = ("GET", "HEAD", "OPTIONS")
API = "/api/v1/"  # the programs' door: tokens open nothing else
STOP_LOOKING = ("/settings/see-as/stop", "/logout")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
COMPRESS_FROM = 1400  # bytes: below, one packet carries it anyway
VARY_API = "Authorization, Cookie, Accept-Language, Accept-Encoding"
PACKING = 5  # of 12: a step tighter costs a third more time for two parts in a hundred

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Mark a view that answers before login."""
    view.public = True  # type: ignore[attr-defined]
    return view


class FrameMiddleware:
    """One layer instead of many: each layer costs every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Guard, know the actor, speak his language, answer, dress the answer."""
        request.actor = None  # type: ignore[attr-defined]
        request.see_as = None  # type: ignore[attr-defined]
        request.token_id = None  # type: ignore[attr-defined]
        try:
            guard_origin(request)
            identify(request)
            activate(request)
            refuse_look_through(request)
            response = self.get_response(request)
            if response.status_code == 405 and not request.path.startswith("/api/"):
                allowed = response["Allow"]
                response = answer_problem(request, WrongWay())  # it came without a word: a white page
                response["Allow"] = allowed
        except Exception as problem:
            response = answer_problem(request, problem)
        finally:
            language = translation.get_language()
            translation.deactivate()
        return dress(request, response, language or "en")

    def process_view(self, request: Any, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Pages want a login, unless they are public."""
        if request.actor is not None or getattr(view, "public", False):
            off = request.actor is not None and request.actor.state.off.hides(view)
            return answer_problem(request, NotFound()) if off else None
        if request.path.startswith("/api/"):
            return problems.answer(request, Unknown())
        target = "/login?" + urlencode({"next": request.get_full_path()})
        if is_fragment(request):
            response = HttpResponse(status=200)
            response["HX-Redirect"] = target
            return response
        return HttpResponseRedirect(target if request.path != "/" else "/login")

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse:
        """Whatever a view raises is told in words."""
        return answer_problem(request, problem)


def guard_origin(request: HttpRequest) -> None:
    """Refuse requests that change something and come from another site.

    Browsers say where a request comes from: Sec-Fetch-Site on safe origins, Origin on every POST. Programs with a
    token send neither and carry no cookie that could be abused.
    """
    if request.method in SAFE or "HTTP_AUTHORIZATION" in request.META:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        fine = site in ("same-origin", "none")
    elif origin is not None:
        fine = urlsplit(origin).netloc == request.get_host()
    else:
        fine = COOKIE not in request.COOKIES
    if not fine:
        raise Refused(_("This request came from another site, so it was not carried out."))


def identify(request: Any) -> None:
    """Who asks: by session cookie, or by token for programs, which then act within the token's bounds."""
    program = request.path.startswith(API)
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        holder = tokens.read(header[7:].strip()) if program else None
        request.token_id = holder["id"] if holder else None
    else:
        cookie = request.COOKIES.get(COOKIE)
        holder = sessions.read(cookie) if cookie else None
    if holder is None:
        return
    state = snapshot(holder["stamp"])
    if holder["user_id"] not in state.users:
        return
    request.session_id = holder["id"]
    bounds = Bounds.of(holder.get("scopes", "")) if program else None
    request.actor = user_actor(holder["user_id"], state, bounds=bounds)
    if holder["see_as_id"] and request.actor.administrator:
        request.see_as = request.actor
        request.actor = user_actor(holder["see_as_id"], state, seen_by=holder["user_id"], bounds=bounds)


def refuse_look_through(request: Any) -> None:
    """Who looks through a colleague's eyes changes nothing, but may stop looking."""
    if request.see_as is not None and request.method not in SAFE and request.path not in STOP_LOOKING:
        raise Refused(_("You are looking through a colleague’s eyes; nothing can be changed this way."))


def activate(request: Any) -> None:
    """The actor's language, or the one his program asks for; before login the browser's, else the company's."""
    actor: Actor | None = request.actor
    wanted = accepted(request.headers.get("Accept-Language", ""))
    if actor is not None:
        asks = request.token_id is not None and wanted
        translation.activate(wanted if asks else actor.language)
        return
    if wanted:
        translation.activate(wanted)
    else:
        organization = snapshot().organization
        translation.activate(organization.language if organization else "en")


def accepted(header: str) -> str:
    """The first of our languages that is asked for; "" for none."""
    asked = (code.partition("-")[0] for code, _weight in parse_accept_lang_header(header.lower()))
    return next((code for code in asked if code in LANGUAGES), "")


def answer_problem(request: Any, raised: Exception) -> HttpResponse:
    """The page, fragment or JSON that tells a problem; database trouble is told without asking the database."""
    problem = raised if isinstance(raised, Problem) else from_exception(raised)
    if request.path.startswith("/api/"):
        response: HttpResponse = problems.answer(request, problem)
    else:
        told = {
            "status": problem.status, "title": title_of(problem), "what": str(problem.what),
            "kept": "" if problem.status == 404 else str(problem.kept), "todo": str(problem.todo),
            "reference": problem.reference if problem.status >= 500 else "", "home_url": "/",
            "retry_url": request.get_full_path() if problem.status >= 500 and request.method == "GET" else None,
        }  # fmt: skip
        if problem.status == 404 and request.method == "GET" and getattr(request, "actor", None) is not None:
            from comity.ui.pages.openings import ask_url

            told["ask_url"] = ask_url(request.path)  # of every such address, whatever there is
        response = HttpResponse(_problem_html(request, told), status=problem.status)
    retry_after = getattr(problem, "retry_after", None)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def title_of(problem: Problem) -> str:
    """The heading of an error page."""
    if isinstance(problem, NotFound):
        return str(_("Not here"))
    if isinstance(problem, Refused):
        return str(_("Not allowed"))
    return str(_("That did not work"))


def _problem_html(request: Any, told: dict[str, Any]) -> str:
    from comity.ui import frame

    if is_fragment(request):
        return html("ui/fragments/error.html", {"problem": told})
    try:
        around = frame.frame(request)
    except Exception:
        request.actor = None
        request.state_known = False
        around = frame.frame(request)
    return html("ui/error.html", {"frame": around, "problem": told})


def dress(request: HttpRequest, response: HttpResponse, language: str) -> HttpResponse:
    """Headers, the mark of the answer's content, and compression."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "private, no-cache")
    headers["Vary"] = VARY_API if request.path.startswith(API) else "HX-Request, Cookie, Accept-Encoding"
    if settings.SECURE_HSTS_SECONDS:
        headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
    headers.setdefault("Content-Language", language)
    if getattr(request, "said_was_shown", False):
        response.delete_cookie("said", samesite="Lax")
    read = request.method in ("GET", "HEAD")
    if response.streaming or not (read or response.status_code >= 400):
        return response
    body = response.content
    if read and response.status_code == 200:
        headers.setdefault("ETag", f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
        mark = headers["ETag"]
        if request.headers.get("If-None-Match") == mark:
            response.status_code = 304
            response.content = b""
            return response
    if len(body) >= COMPRESS_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        # No secret stands in pages (sessions and keys travel in cookies), so compression gives nothing away.
        response.content = bytes(deflate.gzip_compress(body, PACKING))
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(response.content))
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Addresses no page has."""
    return answer_problem(request, NotFound())


def failed(request: HttpRequest) -> HttpResponse:
    """What fell through everything else."""
    return answer_problem(request, RuntimeError("unhandled"))
