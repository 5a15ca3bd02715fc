"""Problems as programs get them: application/problem+json (RFC 9457), in the words a person would read."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from comity.kernel.errors import Busy, Conflict, Invalid, NotFound, Problem, Refused, TooLarge, TooMany, Unknown

HELP = "/api/docs#problems"  # where the kinds are explained
KINDS: tuple[tuple[type[Problem], str], ...] = (
    (NotFound, "not-found"), (Refused, "refused"), (Unknown, "no-token"), (Conflict, "conflict"),
    (Invalid, "invalid"), (TooLarge, "too-large"), (TooMany, "too-many"), (Busy, "busy"),
)  # fmt: skip


def kind_of(problem: Problem) -> str:
    """The short name of a kind of problem, stable for programs."""
    own: str = getattr(problem, "kind", "")  # of rooms above
    return own or next((name for kind, name in KINDS if isinstance(problem, kind)), "problem")


def body(problem: Problem, current: dict[str, Any] | None = None) -> dict[str, Any]:
    """The members of RFC 9457, and ours: what is kept, what to do, the texts per field; `current`: both sides of a
    conflict, as far as the reader may know them."""
    told = problem.as_dict()
    if problem.status < 500:
        told["kept"] = str(_("Nothing was changed."))  # a program has no page on which its input still stands
    made = {"type": f"{HELP}-{kind_of(problem)}", "title": told["what"], "detail": _detail(told), **told}
    return {**made, "current": current} if current is not None else made


def _detail(told: dict[str, Any]) -> str:
    texts = [text for found in told.get("fields", {}).values() for text in found]
    return " ".join([*texts, told["kept"], told["todo"]]).strip()


def answer(request: HttpRequest, problem: Problem, current: dict[str, Any] | None = None) -> JsonResponse:
    """The answer that tells a problem to a program."""
    told = body(problem, current) | {"instance": request.path}
    response = JsonResponse(told, status=problem.status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/problem+json"
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
