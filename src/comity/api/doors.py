"""What stands round every answer to a program: methods, the rate, problems in words; and how its request is read."""

import hashlib
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypedDict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.access import policy
from comity.access.actors import Actor
from comity.api import limits
from comity.api.cards import outward
from comity.kernel.errors import Conflict, Invalid, NotFound, Problem, TooMany, from_exception
from comity.records import kinds
from comity.records.types import RecordType
from comity.ui import problems

Handler = Callable[..., HttpResponse]
LARGEST = 2**31 - 1
_VERSION = re.compile(r'(?:W/)?"?(\d{1,10})(?:\.[\w-]{1,60})?"?')


class WrongMethod(Problem):
    """405: the address knows other methods."""

    status = 405
    what = gettext_lazy("This address does not answer to this method.")
    kept = gettext_lazy("Nothing was changed.")
    todo = gettext_lazy("Look into the description of the interface at /api/docs.")


class Gone(Problem):
    """410: the card became a part of another one, which `current` names."""

    status = 410
    kind = "merged"
    what = gettext_lazy("This card was merged into another one.")
    kept = gettext_lazy("Nothing was changed.")
    todo = gettext_lazy("Go on with the other card.")

    def __init__(self, *, current: dict[str, str]) -> None:
        super().__init__()
        self.current = current


def door(**handlers: Handler) -> Handler:
    """A view of the programs' door out of one function per method: `door(GET=listing, POST=make)`.

    Counts the request against the token's allowance and tells every problem as application/problem+json.
    """

    def view(request: HttpRequest, **names: Any) -> HttpResponse:
        allowance = limits.take(request.token_id)  # type: ignore[attr-defined]
        try:
            if allowance and allowance.exceeded:
                raise TooMany(_("This token has asked too often in a short time."), retry_after=allowance.reset)
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in handlers:
                raise WrongMethod()
            response = handlers[method](request, **names)
        except Exception as raised:
            response = _told(request, raised, str(names.get("slug", "")))
            if isinstance(raised, WrongMethod):
                response["Allow"] = ", ".join(sorted(handlers))
        for name, value in allowance.headers().items() if allowance else ():
            response[name] = value
        return response

    return view


def _told(request: HttpRequest, raised: Exception, slug: str) -> HttpResponse:
    if isinstance(raised, MultiPartParserError):
        raised = Invalid(_("The request could not be understood."), todo=_("Send the file as multipart/form-data."))
    problem = from_exception(raised)
    current = getattr(problem, "current", None)
    sides = None
    if isinstance(problem, Conflict) and isinstance(current, dict):
        actor = actor_of(request)
        record_type = actor.state.by_slug.get(slug)
        sides = both_sides(actor, record_type, current) if record_type else _plain(current)
    elif isinstance(problem, Gone):
        sides = problem.current
    response = problems.answer(request, problem, sides)
    retry_after = getattr(problem, "retry_after", None)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def both_sides(actor: Actor, record_type: RecordType, current: dict[str, Any]) -> dict[str, Any]:
    """A conflict as programs get it: the version there is, and per field what was sent, what stands there and who put
    it there. A link to a card he does not see looks empty, as everywhere."""
    made = _plain(current)
    for side in ("mine", "theirs"):
        if isinstance(current.get(side), dict):
            made[side] = {key: _side(actor, record_type, key, value) for key, value in current[side].items()}
    if isinstance(current.get("who"), dict):
        made["who"] = {key: {"user": user or None, "at": at} for key, (user, at) in current["who"].items()}
    return made


def _plain(current: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in current.items() if isinstance(value, int | str)}


def _side(actor: Actor, record_type: RecordType, key: str, value: Any) -> Any:
    spec = next((one for one in record_type.specs if one.key == key), None)
    if spec is None or value is None:
        return value
    read = kinds.from_json(spec, value)
    refs = kinds.refs(spec, read)
    return outward(spec, read) if len(policy.titles(actor, refs)) == len(set(refs)) else None


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def types_of(actor: Actor) -> list[RecordType]:
    """The types that are there for him: those he may do anything with, or of which a card is shared with him."""
    every = list(actor.state.types_on)
    reached = {one.key for one in every if any(actor.scope(one.key, action) != "none" for action in ("view", "create"))}
    if len(reached) < len(every):
        reached |= policy.shared_types(actor)
    return [one for one in every if one.key in reached]


def type_of(actor: Actor, slug: str) -> RecordType:
    """The type of an address; raises NotFound for one that is not there for him."""
    found = actor.state.by_slug.get(slug)
    if found is None or found not in types_of(actor):
        raise NotFound()
    return found


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request; raises Invalid, TooLarge."""
    try:
        body = json.loads(request.body or b"{}", parse_constant=_no_number, parse_float=_fraction)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Invalid(fields={"": [_("Send one JSON object.")]})
    return body


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _fraction(text: str) -> float | Decimal:
    """A number with a fraction: exact where a float would round it."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    exact = Decimal(text)
    return value if Decimal(repr(value)) == exact else exact


class Sent(TypedDict, total=False):
    """What `run` knows a request by."""

    key: str
    request: str


def key_of(request: HttpRequest, *content: str) -> Sent:
    """The idempotency key of a request for `run`, with a digest of what is asked; {} without one. `content` stands for
    a body that is no JSON."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not given:
        return {}
    said = "\n".join(content).encode() if content else request.body
    return {
        "key": "api-" + _digest(str(request.token_id), given),  # type: ignore[attr-defined]
        "request": _digest(str(request.method), request.path, hashlib.sha256(said).hexdigest()),
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:48]


def version_of(request: HttpRequest, body: dict[str, Any], *, needed: bool = False) -> int:
    """The version a change was made against: of the header If-Match, or of "version" in the body; 0 = whatever is there
    ("If-Match: *", or neither where none is `needed`)."""
    given = body.pop("version", None)
    header = request.headers.get("If-Match", "").strip()
    if header == "*":
        return 0
    if header:
        match = _VERSION.fullmatch(header)
        given = int(match[1]) if match else None
    elif given is None and not needed:
        return 0
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= LARGEST:
        raise Invalid(fields={"version": [_("Send the version the change was made against.")]})
    return given


def answer(data: dict[str, Any], status: int = 200) -> JsonResponse:
    """A JSON answer."""
    return JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})
