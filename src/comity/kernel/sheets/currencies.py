"""Which currency a sign, an abbreviation or a code stands for, as number formats and typed amounts have them."""

from functools import lru_cache

# Signs of one currency only. Those of several ("$", "kr", "¥", "£") are told apart by the language of the format.
_SIGNS = {
    "₽": "RUB", "руб": "RUB", "р": "RUB", "р.": "RUB", "rub": "RUB", "₴": "UAH", "грн": "UAH", "лв": "BGN",
    "€": "EUR", "euro": "EUR", "евро": "EUR", "євро": "EUR", "₸": "KZT", "тг": "KZT", "тенге": "KZT", "rp": "IDR",
    "сом": "KGS", "сум": "UZS", "br": "BYN", "₼": "AZN", "₾": "GEL", "֏": "AMD", "₺": "TRY", "zł": "PLN", "kč": "CZK",
    "ft": "HUF", "lei": "RON", "₹": "INR", "₪": "ILS", "₩": "KRW", "฿": "THB", "₫": "VND", "r$": "BRL", "₱": "PHP",
    "₦": "NGN", "₲": "PYG", "us$": "USD", "a$": "AUD", "c$": "CAD", "дол": "USD", "долл": "USD", "ден": "MKD",
    "د.إ": "AED", "ر.س": "SAR", "ج.م": "EGP", "د.ك": "KWD", "ر.ق": "QAR", "د.ب": "BHD", "د.ا": "JOD", "د.م": "MAD",
    "د.ج": "DZD", "د.ت": "TND", "ل.ل": "LBP", "د.ع": "IQD", "ر.ع": "OMR", "﷼": "IRR",
}  # fmt: skip
_SHARED = {"$": "USD", "£": "GBP", "¥": "", "kr": "", "￥": ""}
# Windows language codes (hexadecimal, as formats name them) with the currency of their country.
_PLACES = {
    "409": "USD", "1009": "CAD", "c0c": "CAD", "c09": "AUD", "1409": "NZD", "4809": "SGD", "1004": "SGD", "c04": "HKD",
    "404": "TWD", "80a": "MXN", "2c0a": "ARS", "340a": "CLP", "240a": "COP", "809": "GBP", "411": "JPY", "804": "CNY",
    "41d": "SEK", "414": "NOK", "814": "NOK", "406": "DKK", "40f": "ISK", "419": "RUB", "422": "UAH", "402": "BGN",
    "421": "IDR", "43f": "KZT", "423": "BYN",
}  # fmt: skip


@lru_cache(maxsize=512)
def of_sign(sign: str, place: str = "") -> str:
    """The ISO code of a sign, abbreviation or code, with the Windows language code beside it; "" if it is none."""
    plain = sign.strip().casefold()
    if plain in _SHARED:
        return _PLACES.get(place.lower().lstrip("0"), _SHARED[plain])
    bare = plain.rstrip(". ")
    if found := _SIGNS.get(plain) or _SIGNS.get(bare):
        return found
    code = sign.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() and _is_code(code) else ""


def is_sign(sign: str) -> bool:
    """Whether it stands for money, be it for several currencies."""
    return sign.strip().casefold() in _SHARED or bool(of_sign(sign))


@lru_cache(maxsize=512)
def _is_code(code: str) -> bool:
    from babel.numbers import is_currency

    return is_currency(code)
