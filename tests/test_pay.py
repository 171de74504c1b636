"""Pay is found as people write it, in several countries' manners, and compared with a floor."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import pay
from spamrec.pay import Pay, Period

FOUND = {
    # United States
    "$90,000 - $110,000 per year": ["90,000 to 110,000 USD/year"],
    "$90k-$110k": ["90,000 to 110,000 USD/year"],
    "90-110k USD": ["90,000 to 110,000 USD/year"],
    "Range: $150-$180K": ["150,000 to 180,000 USD/year"],
    "between $100K and $130K base": ["100,000 to 130,000 USD/year"],
    "up to $180,000": ["180,000 USD/year"],
    "OTE $250k": ["250,000 USD/year"],
    "$120,000.00 annually": ["120,000 USD/year"],
    "Salary: 120k": ["120,000/year"],
    "rate $65/hr on W2": ["65 USD/hour"],
    "$65-70/hr C2C": ["65 to 70 USD/hour"],
    "$45.50 per hour": ["45.50 USD/hour"],
    "$18 - $22 hourly": ["18 to 22 USD/hour"],
    "$3200/wk travel nurse": ["3,200 USD/week"],
    "$5,000 monthly": ["5,000 USD/month"],
    "$25 on W2": ["25 USD/hour"],
    "Pay: $25": ["25 USD/hour"],
    "USD 90000": ["90,000 USD/year"],
    # Britain and the Commonwealth
    "£500 per day": ["500 GBP/day"],
    "£450-500 a day outside IR35": ["450 to 500 GBP/day"],
    "£45,000 - £55,000": ["45,000 to 55,000 GBP/year"],
    "Salary £32k–£38k": ["32,000 to 38,000 GBP/year"],
    "AUD 140k + super": ["140,000 AUD/year"],
    "A$950 per day": ["950 AUD/day"],
    "C$130,000": ["130,000 CAD/year"],
    "CAD 60/hour": ["60 CAD/hour"],
    # Germany and Switzerland
    "€85.000 - 95.000 brutto im Jahr": ["85,000 to 95,000 EUR/year"],
    "85.000 € im Jahr": ["85,000 EUR/year"],
    "Jahresgehalt 75.000 EUR": ["75,000 EUR/year"],
    "Stundensatz 95 €": ["95 EUR/hour"],
    "95 € pro Stunde": ["95 EUR/hour"],
    "Tagessatz: 800 €": ["800 EUR/day"],
    "CHF 120'000 pro Jahr": ["120,000 CHF/year"],
    "110'000 Franken": ["110,000 CHF/year"],
    "110 000 CHF sur 13 mois": ["110,000 CHF/year"],
    # France and Spain
    "45 à 55 k€": ["45,000 to 55,000 EUR/year"],
    "45-55K€ brut annuel": ["45,000 to 55,000 EUR/year"],
    "TJM 450€": ["450 EUR/day"],
    "salaire 42 000 € brut": ["42,000 EUR/year"],
    "40.000 - 45.000 € brutos anuales": ["40,000 to 45,000 EUR/year"],
    # India and the Gulf
    "25 LPA": ["2,500,000 INR/year"],
    "12-18 LPA": ["1,200,000 to 1,800,000 INR/year"],
    "₹35,00,000 per annum": ["3,500,000 INR/year"],
    "Rs. 20 lakhs per annum": ["2,000,000 INR/year"],
    "1.2 Cr per annum": ["12,000,000 INR/year"],
    "AED 18,000 per month tax free": ["18,000 AED/month"],
    # several
    "$60/hr on W2, $70/hr on C2C": ["60 USD/hour", "70 USD/hour"],
}


@pytest.mark.parametrize("text", FOUND)
def test_pay_is_found(text: str) -> None:
    assert [str(p) for p in pay.find(text)] == FOUND[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$1M in funding",
        "$50 million revenue",
        "over 500 employees",
        "call 555-0142",
        "100% remote",
        "2024-2026",
        "5+ years of experience",
        "40 hours a week",
        "Room 120, 2nd floor",
        "$25",
        "only $7 a month",
        "Rechnungsbetrag: 61,12 Euro",
        "Ihre Karte wurde mit CHF 214.60 belastet.",
        "Enter for your chance to win $50,000 from Dell!",
        "first prize: 20,000 EUR",
        "Maximum benefit £15,000",
    ],
)
def test_other_figures_are_no_pay(text: str) -> None:
    assert pay.find(text) == ()


def test_the_same_figure_counts_once() -> None:
    assert len(pay.find("$65/hr. I repeat: $65/hr.")) == 1


def test_a_bare_dollar_is_the_readers_own() -> None:
    assert pay.find("$60/hour")[0].bare_dollar
    assert not pay.find("60 USD/hour")[0].bare_dollar


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for found in pay.find(text):
        assert 0 < found.low <= found.high


@pytest.mark.parametrize("text", ["1,000 " * 4_000, "$1-" * 7_000, "9" * 20_000, "$ " * 10_000, "salary " * 3_000])
def test_a_hostile_text_takes_no_long_time(text: str) -> None:
    started = time.perf_counter()
    pay.find(text)
    assert time.perf_counter() - started < 5.0


# --- as a profile states it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("95000 USD/year", Pay(95_000, 95_000, "USD", Period.YEAR)),
        ("95,000 usd / year", Pay(95_000, 95_000, "USD", Period.YEAR)),
        ("60.50 GBP/hour", Pay(60.5, 60.5, "GBP", Period.HOUR)),
        ("2500000 INR/year", Pay(2_500_000, 2_500_000, "INR", Period.YEAR)),
        ("650 EUR/day", Pay(650, 650, "EUR", Period.DAY)),
    ],
)
def test_a_stated_floor_is_read(text: str, stated: Pay) -> None:
    assert pay.parse(text) == stated


@pytest.mark.parametrize("text", ["", "95000", "USD/year", "95000 USD", "95000 XYZ/year", "0 USD/year", "-5 USD/year",
                                  "95000 USD/fortnight", "$95000/year", "95000 USD/year or so"])  # fmt: skip
def test_what_is_no_floor_is_refused(text: str) -> None:
    assert pay.parse(text) is None


@given(st.integers(1, 10_000_000), st.sampled_from(sorted(pay.PER_DOLLAR)), st.sampled_from(Period))
def test_a_stated_floor_reads_as_it_is_written(amount: int, currency: str, period: Period) -> None:
    stated = pay.parse(f"{amount} {currency}/{period}")
    assert stated == Pay(amount, amount, currency, period)
    assert pay.parse(str(stated)) == stated


# --- against a floor ---------------------------------------------------------------------------------------


def floors(*stated: str) -> tuple[Pay, ...]:
    found = tuple(pay.parse(s) for s in stated)
    return tuple(f for f in found if f is not None)


@pytest.mark.parametrize(
    ("offered", "floor", "below"),
    [
        # the same currency and period
        ("$94,000 a year", ["95000 USD/year"], True),
        ("$95,000 a year", ["95000 USD/year"], False),
        ("$90,000 - $96,000", ["95000 USD/year"], False),
        ("$55/hr", ["95000 USD/year", "60 USD/hour"], True),
        ("$60/hr", ["95000 USD/year", "60 USD/hour"], False),
        # another period of the same currency
        ("$40/hr", ["95000 USD/year"], True),
        ("$50/hr", ["95000 USD/year"], False),
        ("€400 pro Tag", ["100000 EUR/year"], True),
        ("4.000 € pro Monat", ["60000 EUR/year"], True),
        # a bare dollar is the reader's own, a named one is not
        ("$100,000", ["120000 CAD/year"], True),
        ("$130,000", ["120000 AUD/year"], False),
        ("USD 100,000", ["120000 CAD/year"], False),
        # another currency, converted with a margin
        ("8 LPA", ["95000 USD/year"], True),
        ("£40,000", ["95000 USD/year"], True),
        ("£90,000", ["95000 USD/year"], False),
        ("£63,000", ["95000 USD/year"], True),
        ("£65,000", ["95000 USD/year"], False),
        ("€85.000", ["95000 USD/year"], False),
        # nothing to judge by
        ("$40/hr", [], None),
        ("Salary: 40k", ["95000 USD/year"], None),
    ],
)
def test_pay_is_compared_with_the_floor(offered: str, floor: list[str], below: bool | None) -> None:
    (found,) = pay.find(offered)
    assert pay.below(found, floors(*floor)) is below
