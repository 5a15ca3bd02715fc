"""Sums of money in reports: by currency, and in the company's own by the rate of each amount's day. Never added raw."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.identity.models import ExchangeRate
from comity.kernel.money import Money, format_money
from comity.kernel.text import listed


class Rates:
    """What currencies were worth in the company's own, day by day; one query, asked when the first other one comes."""

    def __init__(self, actor: Actor) -> None:
        organization = actor.state.organization
        self.own = organization.currency if organization else "EUR"
        self._held: dict[str, tuple[list[date], list[Decimal]]] | None = None

    def on(self, currency: str, day: date) -> Decimal | None:
        """The rate of a day: the last one set until then; None before the first one."""
        if currency == self.own:
            return Decimal(1)
        if self._held is None:
            self._held = {}
            for code, begins, rate in ExchangeRate.objects.order_by("day").values_list("currency", "day", "rate"):
                days, rates = self._held.setdefault(code, ([], []))
                days.append(begins)
                rates.append(rate)
        days, rates = self._held.get(currency, ([], []))
        place = bisect_right(days, day)
        return rates[place - 1] if place else None


class Tally:
    """A count with its money. `whole` is what could be counted in the company's currency, in 1/10,000ths."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.count = 0
        self.sums: dict[str, int] = {}
        self.whole = 0
        self.unrated: set[str] = set()

    def add(self, units: int | None, currency: str, rate: Decimal | None, count: int = 1) -> None:
        """One more (or `count` of them), with their amount, if any, and its rate."""
        self.count += count
        if units is None:
            return
        self.sums[currency] = self.sums.get(currency, 0) + units
        if rate is None:
            self.unrated.add(currency)
        else:
            self.whole += units if currency == self.own else Money.of_units(units, currency).times(rate).units

    def take(self, others: "Iterable[Tally]") -> "Tally":
        """With others added; itself."""
        for other in others:
            self.count += other.count
            self.whole += other.whole
            self.unrated |= other.unrated
            for currency, units in other.sums.items():
                self.sums[currency] = self.sums.get(currency, 0) + units
        return self

    @property
    def mixed(self) -> bool:
        """Whether there is any money but the company's own."""
        return bool(self.sums.keys() - {self.own})

    def parts(self, language: str) -> str:
        """The sums by currency: "€300 + $10"; "" without any amount."""
        return " + ".join(format_money(units, currency, language) for currency, units in sorted(self.sums.items()))

    def short(self, language: str) -> str:
        """The whole in the company's currency; where a rate is missing the sums by currency, and that it is."""
        if self.unrated:
            named = listed(sorted(self.unrated), language)
            return _("%(sums)s (no rate for %(currencies)s)") % {"sums": self.parts(language), "currencies": named}
        return format_money(self.whole, self.own, language) if self.sums else ""
