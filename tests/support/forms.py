"""Reads a page's main form the way a browser would post it back."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Collects the successful controls of the first POST form that has a version or idempotency field."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.current: dict[str, list[str]] | None = None
        self.select: str | None = None
        self.chosen: list[str] = []
        self.first: str | None = None
        self.multiple = False
        self.area: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form" and (a.get("method") or "").lower() == "post":
            self.current = {}
            self.forms.append(self.current)
        if self.current is None:
            return
        name = a.get("name")
        if tag == "input" and name and "disabled" not in a:
            kind = a.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in a:
                return
            if kind not in ("submit", "button", "file"):
                self.current.setdefault(name, []).append(a.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "select" and name:
            self.select, self.chosen, self.first, self.multiple = name, [], None, "multiple" in a
        elif tag == "option" and self.select:
            value = a.get("value") or ""
            self.first = value if self.first is None else self.first
            if "selected" in a:
                self.chosen.append(value)
        elif tag == "textarea" and name:
            self.area, self.text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if self.current is None:
            return
        if tag == "form":
            self.current = None
        elif tag == "select" and self.select:
            chosen = self.chosen or ([] if self.multiple or self.first is None else [self.first])
            self.current.setdefault(self.select, []).extend(chosen)
            self.select = None
        elif tag == "textarea" and self.area:
            self.current.setdefault(self.area, []).append(self.text.removeprefix("\n"))
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data


def read_form(html: str) -> dict[str, list[str]]:
    """The names and values of the page's editing form; fails when there is none."""
    parser = _Form()
    parser.feed(html)
    found = [form for form in parser.forms if "idempotency" in form]
    assert found, "no form on the page"
    return max(found, key=len)
