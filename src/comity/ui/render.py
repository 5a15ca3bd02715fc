"""Templates to answers: the one Jinja2 environment, whole pages and fragments."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, gettext, ngettext, override, pgettext
from jinja2 import Environment, FileSystemLoader, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from comity.kernel.text import comma
from comity.ui.assets import static_url

RTL = frozenset({"ar"})
TEXT = "_ with values"  # the name under which the folding finds texts that values are put into
_OF_DICTS = frozenset(dir(dict))


@cache
def sprite() -> str:
    """The address of the icon sprite."""
    return static_url("ui/icons.svg")


@cache
def icon(name: str, cls: str = "") -> Markup:
    """An icon of the sprite; it means nothing to screen readers, a word stands beside it."""
    classes = f"i {cls}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(classes, sprite(), name)


class _Folding(NodeTransformer):
    """Works out once, when a template is compiled, what is called with constants: most of its texts and icons.

    A text with values in it is translated once, too: what is left for each page is to put the (escaped) values in.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's name for it
        """The call's value in its place, where nothing but constants goes into it."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        given = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if name not in self.functions or len(given) < len(node.args) or node.dyn_args or node.dyn_kwargs:
            return node
        if not node.kwargs:
            return nodes.Const(self.functions[name](*given), lineno=node.lineno)
        if name != "_":
            return node
        values = [nodes.Pair(nodes.Const(one.key), one.value, lineno=node.lineno) for one in node.kwargs]
        text = nodes.Const(self.functions[TEXT](*given), lineno=node.lineno)
        return nodes.Mod(text, nodes.Dict(values, lineno=node.lineno), lineno=node.lineno)


class _Templates(Environment):
    """The templates in one language."""

    def __init__(self, language: str) -> None:
        folders = [folder for app in apps.get_app_configs() if (folder := Path(app.path, "templates")).is_dir()]
        super().__init__(
            loader=FileSystemLoader(folders),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self.language = language
        self._nothing = cache(lambda name: self.undefined(name=name))  # made once: it is the same for all
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}  # letters as they are
        texts = {"gettext": gettext, "ngettext": ngettext, "pgettext": pgettext}
        self.install_gettext_callables(**texts, newstyle=True)  # type: ignore[attr-defined]
        self.globals.update(static=static_url, icon=icon, comma=comma(language))
        self.folding = _Folding({"_": self._text, TEXT: self._with_values, "icon": icon, "static": static_url})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`c.key` of a dictionary is its entry first, and what it lacks is known at once: as an attribute either would
        cost exceptions each time."""
        if type(obj) is dict:
            if attribute in obj:
                return obj[attribute]
            if attribute not in _OF_DICTS:
                return self._nothing(attribute)
        return super().getattr(obj, attribute)

    def _text(self, message: str) -> Markup:
        return Markup(self._with_values(message).replace("%%", "%"))  # noqa: S704 - our own texts

    def _with_values(self, message: str) -> Markup:
        with override(self.language):
            return Markup(gettext(message))  # noqa: S704 - as the i18n extension takes our own texts

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = self.folding.visit(super()._parse(source, name, filename))
        return parsed


@cache
def environment(language: str) -> Environment:
    """The environment over every room's templates folder, autoescaping, with translated text by name."""
    return _Templates(language)


def html(template: str, context: Mapping[str, Any]) -> Markup:
    """A template's text in the active language."""
    return Markup(environment(get_language() or "en").get_template(template).render(context))  # noqa: S704 - escaped


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A whole page inside the frame."""
    from comity.ui.frame import frame

    return HttpResponse(html(template, {"frame": frame(request), **context}), status=status)


def fragment(
    request: HttpRequest, template: str, status: int = 200, toast: Mapping[str, Any] | None = None, **context: Any
) -> HttpResponse:
    """A part of a page, with a message beside it when `toast` is given."""
    body = html(template, context)
    if toast:
        body += html("ui/fragments/toast.html", {"toast": toast})
    return HttpResponse(body, status=status)


def panel(
    request: HttpRequest, template: str, title: str, back: Mapping[str, str], status: int = 200, **context: Any
) -> HttpResponse:
    """A dialog or popover for scripts; for everybody else the same as a page of its own."""
    if is_fragment(request):
        return fragment(request, template, status, **context)
    inner = html(template, context | {"paged": True})
    return page(request, "ui/popover_page.html", status, page={"title": title, "back": back, "html": inner})


def done(request: HttpRequest, url: str, text: str = "", undo_url: str = "") -> HttpResponse:
    """After a change: go on to `url` and say there what was done, with its undo."""
    if is_fragment(request):
        response = HttpResponse(status=200)
        response["HX-Redirect"] = url
    else:
        response = HttpResponseRedirect(url)
    if text:
        remember(response, text, undo_url)
    return response


def remember(response: HttpResponse, text: str, undo_url: str = "") -> None:
    """Say a message on the next page: it travels in a signed cookie of one minute."""
    said = quote(f"{undo_url}\n{text}")  # headers carry no other letters than Latin ones
    response.set_signed_cookie("said", said, salt="said", max_age=60, httponly=True, samesite="Lax")


def fresh_key() -> str:
    """An idempotency key for one form load."""
    return uuid4().hex


__all__ = [
    "Markup", "done", "environment", "escape", "fragment", "fresh_key", "html", "icon", "is_fragment", "page", "panel",
    "remember", "sprite",
]  # fmt: skip
