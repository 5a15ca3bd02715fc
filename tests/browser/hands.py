"""Three ways to use a page: the mouse, the fingers, the keyboard alone. Each does the same by its own means."""

from typing import Any

from browser.boards import Finger, card, drop, middle, take

FAR = 300  # steps of Tab after which something counts as out of reach


class Mouse:
    """Points and clicks; drags where there is room for it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.narrow = page.viewport_size["width"] < 704

    def press(self, selector: str) -> None:
        """Press the first one that is to be seen."""
        self.page.locator(selector).locator("visible=true").first.click()

    def write(self, selector: str, text: str) -> None:
        """Fill in anew, letter by letter."""
        self.press(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def edit(self, key: str) -> None:
        """Open a field of the card in its place."""
        self.press(f"#f-{key} dd")

    def choose(self, selector: str, number: int) -> None:
        """Choose the number-th of a list; 0 is often the empty one."""
        self.page.select_option(selector, index=number)

    def go(self, path: str) -> None:
        """By the menu; where it has no room, by "More"."""
        link = f":is(.nav, .bottom) a[href^='{path}']"
        if self.narrow and not self.page.is_visible(f".bottom a[href^='{path}']"):
            self.press(".bottom a[href='/more']")
            link = f"#main a[href^='{path}']"
        self.press(link)
        self.page.wait_for_url(f"**{path}**")

    def new(self, path: str) -> None:
        """Open the small form for a new card."""
        if self.narrow:
            self.press(".bottom .plus")
            self.press(f"#m-new a[href='{path}']")
        else:
            self.press("a[data-key=n]")
        self.page.wait_for_selector("#dlg[open] form")

    def open_palette(self) -> None:
        """Begin to search."""
        self.press("[data-palette]")

    def hit(self, href: str) -> None:
        """Take what the palette has found."""
        self.press(f"#pal-list .o[data-href='{href}']")

    def undo(self) -> None:
        """Take back what the message tells."""
        self.press(".toast button")

    def move(self, name: str, column: str) -> None:
        """Take a card along to a column."""
        if self.narrow:
            self.end(name, column)
        else:
            take(self.page, name)
            drop(self.page, self.page.locator(f"#col-{column} .cards"))

    def end(self, name: str, how: str) -> None:
        """Take a card to one of the ends."""
        if self.narrow:
            card(self.page, name).locator(".more").click()
            self.press(f"#move:popover-open [data-to={how}]")
        else:
            take(self.page, name)
            drop(self.page, self.page.locator(f".zone[data-to={how}]"))


class Touch(Mouse):
    """Taps; a held finger takes a card to its end, the dots of a card to another column."""

    def press(self, selector: str) -> None:
        self.page.locator(selector).locator("visible=true").first.tap()

    def write(self, selector: str, text: str) -> None:
        self.press(selector)
        self.page.locator(selector).fill("")
        self.page.keyboard.type(text)

    def move(self, name: str, column: str) -> None:
        card(self.page, name).locator(".more").tap()
        self.press(f"#move:popover-open [data-to={column}]")

    def end(self, name: str, how: str) -> None:
        finger = Finger(self.page)
        card(self.page, name).evaluate("e => e.scrollIntoView({block: 'center'})")  # not beneath the bottom bar
        x, y = middle(card(self.page, name).locator(".co"))
        finger.down(x, y)
        self.page.wait_for_selector(f".kc.sortable-chosen:has-text('{name}')")
        finger.move(x + 8, y + 8)
        finger.move(x + 16, y + 16)
        self.page.wait_for_selector("#zones:not([hidden])")
        to_x, to_y = middle(self.page.locator(f".zone[data-to={how}]"))
        for n in range(1, 11):
            finger.move(x + (to_x - x) * n / 10, y + (to_y - y) * n / 10)
        finger.move(to_x + 2, to_y + 2)
        finger.up()


class Keys(Mouse):
    """Tab, Enter, the arrows and the keys the page tells of; never the pointer."""

    def reach(self, selector: str) -> None:
        """Go on by Tab until the focus is there."""
        here = "s => document.activeElement?.matches(s) && document.activeElement.checkVisibility()"
        for _step in range(FAR):
            if self.page.evaluate(here, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way by the keyboard to {selector}")

    def press(self, selector: str) -> None:
        self.page.locator(selector).locator("visible=true").first.wait_for()
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def edit(self, key: str) -> None:
        self.reach(f"#f-{key} .ed")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f"#i-{key}:focus")

    def choose(self, selector: str, number: int) -> None:
        self.reach(selector)
        for _step in range(number):
            self.page.keyboard.press("ArrowDown")

    def go(self, path: str) -> None:
        letter = self.page.get_attribute(f".nav a[href^='{path}']", "data-nav")
        if letter:
            self.page.keyboard.press("g")
            self.page.keyboard.press(letter)
            self.page.wait_for_url(f"**{path}**")
        else:
            super().go(path)

    def new(self, path: str) -> None:
        self.page.keyboard.press("n")
        self.page.wait_for_selector("#dlg[open] form")

    def open_palette(self) -> None:
        self.page.keyboard.press("Control+k")

    def hit(self, href: str) -> None:
        while not self.page.is_visible(f"#pal-list .o[data-href='{href}'][aria-selected=true]"):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def undo(self) -> None:
        self.page.wait_for_selector(".toast button")
        self.page.keyboard.press("Control+z")

    def hold(self, name: str) -> None:
        """Put the focus on a card of the board."""
        self.reach(f"[id='{card(self.page, name).get_attribute('id')}'] > a")

    def move(self, name: str, column: str) -> None:
        self.hold(name)
        order = self.page.eval_on_selector_all(".col", "cols => cols.map(c => c.dataset.c)")
        at = card(self.page, name).locator("xpath=ancestor::section").get_attribute("data-c")
        forward = order.index(column) > order.index(at)
        mirrored = self.page.get_attribute("html", "dir") == "rtl"
        self.page.keyboard.press("Shift+ArrowRight" if forward != mirrored else "Shift+ArrowLeft")

    def end(self, name: str, how: str) -> None:
        self.hold(name)
        self.page.keyboard.press("m")
        self.page.wait_for_selector("#move:popover-open")
        self.press(f"#move [data-to={how}]")


HANDS: dict[str, type[Mouse]] = {"mouse": Mouse, "touch": Touch, "keys": Keys}
