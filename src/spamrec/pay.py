"""Pay as people write it: amounts, currency and period found in text and made comparable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from spamrec.patterns import lazy


class Period(StrEnum):
    """What the amount is paid for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


PER_YEAR = {Period.HOUR: 2000.0, Period.DAY: 230.0, Period.WEEK: 48.0, Period.MONTH: 12.0, Period.YEAR: 1.0}
"""Periods of work in a year, so that an hourly floor can judge a yearly salary."""

# Units of a currency for one US dollar, to one digit or two: only ever used to compare a pay in a currency for
# which the reader stated no floor, and then with MARGIN. Rounded means of 2023 to 2025.
PER_DOLLAR = {
    "USD": 1.0, "EUR": 0.92, "GBP": 0.79, "CHF": 0.88, "CAD": 1.36, "AUD": 1.52, "NZD": 1.65, "INR": 84.0,
    "SEK": 10.5, "NOK": 10.8, "DKK": 6.9, "PLN": 4.0, "CZK": 23.0, "HUF": 360.0, "AED": 3.67, "SAR": 3.75,
    "QAR": 3.64, "SGD": 1.34, "HKD": 7.8, "JPY": 150.0, "CNY": 7.2, "ZAR": 18.0, "NGN": 1500.0, "KES": 130.0,
    "BRL": 5.3, "MXN": 18.5,
}  # fmt: skip
MARGIN = 0.85
"""Share of a converted floor that a pay in another currency must stay under to count as below it."""

SYMBOLS = {
    "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD",
    "ca$": "CAD", "cdn$": "CAD", "nz$": "NZD", "s$": "SGD", "rs": "INR", "rs.": "INR", "euro": "EUR", "euros": "EUR",
    "franken": "CHF", "francs": "CHF", "ft": "HUF", "forint": "HUF", "naira": "NGN", "₦": "NGN", "n": "NGN", "zł": "PLN",
    "dollars": "USD", "pounds": "GBP", "usd$": "USD", "fr": "CHF", "dhs": "AED", "eu": "EUR",
}  # fmt: skip
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"})


class Pay(NamedTuple):
    """An amount or a range of pay."""

    low: float
    """Lower end, in units of the currency; equal to high where one amount is given."""
    high: float
    """Upper end, in units of the currency."""
    currency: str
    """ISO 4217 code; empty where the text gives none."""
    period: Period
    """What the amount is paid for."""
    bare_dollar: bool = False
    """Whether the currency was only `$`, which is the reader's own dollar."""

    def yearly(self) -> tuple[float, float]:
        """Lower and upper end a year, in units of the currency."""
        factor = PER_YEAR[self.period]
        return self.low * factor, self.high * factor

    def __str__(self) -> str:
        ends = [f"{end:,.2f}".removesuffix(".00") for end in dict.fromkeys((self.low, self.high))]
        amount = " to ".join(ends)
        return f"{amount} {self.currency}/{self.period}".replace(" /", "/")


_AMOUNT = r"\d{1,3}(?:[,.'\u00a0 ]\d{2,3}(?!\d))+(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d{1,2}(?!\d))?"
_CODES = (
    r"usd|eur|gbp|chf|cad|aud|nzd|inr|sek|nok|dkk|pln|czk|huf|aed|sar|qar|sgd|"
    r"hkd|zar|ngn|kes|brl|mxn|euros?|franken|dhs|ft|forint|naira|kr|zł|lei"
)
_CURRENCY = (
    r"(?:us|au?|ca?|cdn|nz|s)?\$|[€£₹]|(?<![^\W\d_])rs\.?(?=\s?\d)|"
    rf"(?<![^\W\d_])(?:{_CODES})\b\$?|₦|\bn(?=\d{{1,3}},\d{{3}})"
)
_UNIT = r"k\b|lpa\b|lakhs?\b|lacs?\b|l\b|cr\b|crores?\b|mil\b|tsd\b"
_RANGE = lazy(
    rf"(?P<cur1>{_CURRENCY})?\s?(?P<low>{_AMOUNT})\s?(?P<unit1>{_UNIT})?\s?(?P<cur3>{_CURRENCY})?"
    rf"(?:\s?(?:-|–|—|to|bis|à|a|and|y|et|und|up to)\s?(?P<cur2>{_CURRENCY})?\s?(?P<high>{_AMOUNT})"
    rf"\s?(?P<unit2>{_UNIT})?\s?(?P<cur4>{_CURRENCY})?)?",
    re.IGNORECASE,
)
# A number can be pay where one of these signs or words stands somewhere in the text, or a currency or unit beside it.
_SIGNS = "$€£₹₦"
_LEADS = frozenset(
    """salary compensation pay rate base package ctc remuneration range budget ote stipend wage gehalt jahresgehalt
    stundensatz tagessatz salaire tjm rémunération fixe salario tarifa sueldo retribución banda""".split()
)
_WORD = lazy(r"[^\W\d]+")
_BEHIND = lazy(rf"\d\s{{0,2}}(?:k|l|mil|tsd|lpa|lakhs?|lacs?|crores?|cr|{_CODES})\b")
_BEFORE = lazy(rf"(?:(?:{_CODES})\s|rs\.?\s?|\bn)\d")
_BEHIND_WORD = lazy(r"\d(?:(?<=[a-zł.]\s\d)|(?<=[.ns]\d))")
"""The digit in all that _BEFORE matches; found in a fifth of the time."""
_DIGITS = lazy(r"\d+")
REACH = 8
"""Characters of a currency ("forint$ ") that may stand before the digits of an amount."""
# What may stand behind an amount before its period: "gross", "USD", "on W2".
_FILLER = (
    r"\W{0,3}(?:(?:gross|netto?|neto|brutto|bruto|bruts?|bruttó|usd|eur|gbp|euros?|max|all\s?inc\w*|on|w2|c2c|1099|ctc|fixed|"
    r"fixe|fest)\b\W{0,3}){0,2}"
)
_PERIOD = lazy(
    _FILLER
    + r"(?:(?:/\s?|(?:per|an?|each|pro|par|por|la|al|im|de|le|p\.)\s)(?P<period>hr|hrs|hour|h|stunde|std|heure|hora|day|d|diem|"
    r"tag|jour|dia|día|week|wk|w|woche|semaine|semana|month|mo|mth|m|monat|mois|mes|hó|hónap|annum|year|yr|jahr|an|année|annee|año|"
    r"ano|év)\b|(?P<adverb>hourly|daily|weekly|monthly|yearly|annually|annual|p\.?a\b\.?|p\.?h\b\.?|p\.?d\b\.?|lpa\b|lpm\b|mensuels?\b|"
    r"mensual(?:es)?\b|monatlich|annuels?\b|anual(?:es)?\b|jährlich|stündlich|ote\b|base\b|salary\b)|(?P<times>(?:mal|x|sur|en|×)\s?"
    r"1[234])(?: mois| pagas)?\b)",
    re.IGNORECASE,
)
_TERMS = lazy(r"\W{0,3}(?:on\s|in\s)?(?:w2|c2c|1099|ctc|all\s?inc\w*|plus\s(?:vat|super)|\+\s?super)\b", re.IGNORECASE)
_SALARIES = lazy(r"\W{1,3}(?:sur|x|×|mal|en)\s?(1[34])\b", re.IGNORECASE)
_NOT_PAY = lazy(r"\s?(?:million|mn\b|m\b|mio|billion|bn\b|b\b|%|x\b|employees|people|users|customers)", re.IGNORECASE)
_LEADIN = lazy(
    rf"\b(?:{'|'.join(sorted(_LEADS))})\b[^\n.;]{{0,40}}$",
    re.IGNORECASE,
)
_CHARGED = lazy(
    r"\b(?:balance|bills?|charged?|charges|costs?|debit|deposits?|discount|donat\w+|dues|fees?|invoiced?|loan|members?|mortgage|"
    r"maximum benefit|pays? us|premium|prices?|priced|prizes?|refund\w*|rent|sum insured|threshold|total|tuition|wins?|winning|"
    r"won|miete|beitrag|gebühr|preis|loyer|cotisation|"
    r"alquiler|cuota|precio|huur|contributie)\b[^\n.;]{0,25}$",
    re.IGNORECASE,
)
_PERIODS = {
    word: period
    for period, listed in {
        Period.HOUR: "hr hrs hour h stunde std heure hora hourly ph stündlich",
        Period.DAY: "day d diem tag jour dia día daily pd",
        Period.WEEK: "week wk w woche semaine semana weekly",
        Period.MONTH: "month mo mth m monat mois mes hó hónap monthly lpm mensuel mensuels mensual mensuales monatlich",
        Period.YEAR: "annum year yr jahr an année annee año ano év yearly annually annual pa lpa annuel annuels anual anuales "
        "jährlich ote base salary",
    }.items()
    for word in listed.split()
}
_LAKH = 100_000.0
_FACTORS = {
    "k": 1000.0, "tsd": 1000.0, "mil": 1000.0, "lpa": _LAKH, "lakh": _LAKH, "lakhs": _LAKH, "lac": _LAKH, "lacs": _LAKH,
    "l": _LAKH, "cr": 100 * _LAKH, "crore": 100 * _LAKH, "crores": 100 * _LAKH,
}  # fmt: skip
MONTHLY_BELOW = {
    "HUF": 3e6, "NGN": 4e6, "PLN": 40e3, "CZK": 200e3, "AED": 80e3, "SAR": 80e3, "QAR": 80e3, "KES": 1e6, "ZAR": 120e3,
}  # fmt: skip
"""Amounts of a currency that are a month's pay where no period is given: there people speak of the month."""
YEARLY_FROM = 15_000
"""Amounts from which on, where no period is given, pay is a year's."""
LEAST_DOLLARS = 1_000.0
"""US dollars a year below which an amount is a subscription ("$7 a month"), not pay."""
MAX_LOOKED_AT = 20_000
"""Characters of a text in which pay is looked for."""


def find(text: str) -> tuple[Pay, ...]:
    """The pay figures in a text, in order; amounts without a currency or a word about pay are not pay."""
    out: list[Pay] = []
    for match in _ranges(text[:MAX_LOOKED_AT]):
        pay = _pay(match, text)
        if pay is not None and pay not in out:
            out.append(pay)
    return tuple(out)


def _ranges(text: str) -> Iterator[re.Match[str]]:
    """Amounts and ranges of them in order. Each is looked for from just before the next digit on: from every character
    of the text it took three times as long."""
    at = 0
    digits = _DIGITS.search(text) if _may_hold(text) else None
    while digits:
        found = _RANGE.search(text, max(at, digits.start() - REACH))
        if found is None:
            return
        yield found
        at = found.end()
        digits = _DIGITS.search(text, at)


def _may_hold(text: str) -> bool:
    """Whether a text holds a number and what makes it pay: a currency or unit beside it, or a word about pay. Most
    mail does not, and the expressions take 5 ms to compile."""
    if not _DIGITS.search(text):
        return False
    lower = text.lower()
    if any(sign in lower for sign in _SIGNS):
        return True
    if any(lead in lower for lead in _LEADS) and not _LEADS.isdisjoint(_WORD.findall(lower)):
        return True
    if _BEHIND.search(lower):
        return True
    digits = (found.start() for found in _BEHIND_WORD.finditer(lower))
    return any(_BEFORE.search(lower, max(0, digit - REACH), digit + 1) for digit in digits)


def parse(text: str) -> Pay | None:
    """Pay as stated in a profile: `95000 USD/year`, `60 USD/hour`; None where it is not of that form."""
    match = re.fullmatch(rf"\s*({_AMOUNT})\s*([A-Za-z]{{3}})\s*/\s*(hour|day|week|month|year)\s*", text)
    if not match or match[2].upper() not in PER_DOLLAR:
        return None
    amount = _number(match[1])
    return Pay(amount, amount, match[2].upper(), Period(match[3])) if amount > 0 else None


def below(pay: Pay, floors: tuple[Pay, ...]) -> bool | None:
    """Whether pay stays under the reader's floor; None where no floor can judge it.

    A floor of the same currency and period judges first, then one of the same currency, then any, converted.
    """
    same = [f for f in floors if _same_money(pay, f)]
    exact = [f for f in same if f.period is pay.period]
    if chosen := exact or same:
        return min(_gap(pay, f, 1.0) for f in chosen) < 0.0
    if pay.currency not in PER_DOLLAR or not floors:
        return None
    return all(_gap(pay, f, PER_DOLLAR[f.currency] / PER_DOLLAR[pay.currency]) < MARGIN - 1.0 for f in floors)


def _gap(pay: Pay, floor: Pay, rate: float) -> float:
    """How far the upper end of pay lies over the floor, as a share of the floor (negative: under it)."""
    return pay.yearly()[1] * rate / floor.yearly()[0] - 1.0


def _same_money(pay: Pay, floor: Pay) -> bool:
    return pay.currency == floor.currency or (pay.bare_dollar and floor.currency in DOLLARS)


def _pay(match: re.Match[str], text: str) -> Pay | None:
    currency_text = next((match[g] for g in ("cur1", "cur2", "cur3", "cur4") if match[g]), "").lower()
    unit = (match["unit2"] or match["unit1"] or "").lower()
    led = _led(match, text)
    if _NOT_PAY.match(text, match.end()) or (not led and _charged(match, text)):
        return None
    behind = _PERIOD.match(text, match.end())
    said = ((behind["period"] or behind["adverb"] or "") if behind else "").lower().replace(".", "")
    indian = unit in ("lpa", "lakh", "lakhs", "lac", "lacs", "cr", "crore", "crores") or (
        unit == "l" and "₹" in currency_text
    )
    thousands = unit == "k" and (match["high"] or said in ("ote", "base", "salary"))
    if not (currency_text or indian or thousands or ((unit == "k" or said) and led)):
        return None
    if unit == "l" and not indian:
        unit = ""
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else low
    low, high = _scaled(low, high, (match["unit1"] or unit).lower(), unit)
    if not 0 < low <= high <= 10 * low:
        return None
    currency = "INR" if indian else SYMBOLS.get(currency_text, currency_text.upper().rstrip("$").rstrip("."))
    if behind and behind["times"]:  # so many months' pay a year, or a year's pay in so many parts
        months = int(behind["times"][-2:]) if low < max(YEARLY_FROM, MONTHLY_BELOW.get(currency, 0.0)) else 1
        return Pay(low * months, high * months, currency, Period.YEAR)
    if behind and (salaries := _SALARIES.match(text, behind.end())):
        return Pay(low * int(salaries[1]), high * int(salaries[1]), currency, Period.YEAR)
    spoken_of = bool(match["high"]) or bool(_TERMS.match(text, match.end())) or led
    period = _PERIODS.get(said) or _guess(low, high, currency, thousands=bool(unit), spoken_of=spoken_of)
    if period is None or high * PER_YEAR[period] < LEAST_DOLLARS * PER_DOLLAR.get(currency, 1.0):
        return None
    return Pay(low, high, currency, period, bare_dollar=currency_text == "$")


def _led(match: re.Match[str], text: str) -> bool:
    """Whether a word about pay leads to an amount."""
    return _LEADIN.search(text, max(0, match.start() - 60), match.start()) is not None


def _charged(match: re.Match[str], text: str) -> bool:
    """Whether a word before an amount says that somebody pays it for a thing, or wins it: rent, a fee, a price, a prize."""
    return _CHARGED.search(text, max(0, match.start() - 45), match.start()) is not None


def _scaled(low: float, high: float, unit_low: str, unit_high: str) -> tuple[float, float]:
    low_factor = _FACTORS.get(unit_low, 1.0)
    high_factor = _FACTORS.get(unit_high, 1.0)
    if low_factor == 1.0 and high_factor > 1.0 and low < 1000:
        low_factor = high_factor  # "90-110k"
    return low * low_factor, high * high_factor


def _guess(low: float, high: float, currency: str, *, thousands: bool, spoken_of: bool) -> Period | None:
    """The period of an amount that states none, by its size; None where it may be anything. Small amounts stand on
    every bill, so that they are pay only where they are `spoken_of` as such."""
    if high < MONTHLY_BELOW.get(currency, 0.0):
        return Period.MONTH if low * 12 > 2_000 else None
    if thousands or high >= YEARLY_FROM:
        return Period.YEAR
    if not spoken_of:
        return None
    if low >= 12 and high <= 250:
        return Period.HOUR
    return Period.DAY if low > 250 and high <= 1_500 else None


def _number(text: str) -> float:
    """`95,000`, `95.000`, `95 000`, `62.50`, `12,5`, `35,00,000` as numbers."""
    text = text.replace("\u00a0", "").replace(" ", "").replace("'", "")
    head, mark, tail = text.rpartition("," if text.rfind(",") > text.rfind(".") else ".")
    if mark and len(tail) in (1, 2) and tail.isdigit():
        return float(re.sub(r"[.,]", "", head) + "." + tail)
    return float(re.sub(r"[.,]", "", text))
