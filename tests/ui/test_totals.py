"""Sums of a list: per currency, in the company's currency where a rate is set, only over what the person sees."""

from datetime import date
from decimal import Decimal

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.identity.models import ExchangeRate
from support.browser import browser
from support.house import colleague, company


def sums(actor: Actor, query: str = "") -> str:
    return browser(actor).get(f"/companies/totals{query}", headers={"HX-Request": "true"}).content.decode()


def test_money_is_never_added_raw(boss: Actor) -> None:
    company(boss, "One", turnover={"amount": "0.10", "currency": "RUB"})
    company(boss, "Two", turnover={"amount": "0.20", "currency": "RUB"})
    company(boss, "Three", turnover={"amount": "100", "currency": "EUR"})
    text = sums(boss)
    assert "0,30" in text
    assert "100,00" in text
    assert "100,30" not in text
    assert "EUR)" in text  # no rate for euros: said, not guessed


def test_with_a_rate_the_whole_is_told_in_the_companys_currency(boss: Actor) -> None:
    company(boss, "One", turnover={"amount": "10", "currency": "EUR"})
    company(boss, "Two", turnover={"amount": "5", "currency": "RUB"})
    ExchangeRate.objects.create(currency="EUR", day=date(2020, 1, 1), rate=Decimal("90.5"))
    changed()
    assert "910,00" in sums(boss)


def test_only_what_he_sees_is_summed(boss: Actor) -> None:
    company(boss, "Hidden", turnover={"amount": "777", "currency": "RUB"})
    own = colleague("Own")
    company(own, "Mine", turnover={"amount": "5", "currency": "RUB"})
    assert "5,00" in sums(own)
    assert "78" not in sums(own)
    blind = colleague("Blind", "all", {"company": {"turnover": "hide"}})
    assert sums(blind).strip() == ""
