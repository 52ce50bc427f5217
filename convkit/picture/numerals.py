"""A number -> the few characters that fit a cell. The exact value is in a data attribute."""

from __future__ import annotations

from functools import lru_cache

MINUS = "\u2212"  # the sign of a number; a hyphen is shorter than a digit and easily missed
WHOLE_LIMIT = 10**6  # numbers below it are printed without a power of ten
WHOLE_ENOUGH = 1e-6  # relative; single precision leaves as much in a sum that ought to be whole
SMALL = 0.01  # below it, a power of ten says more than four decimals


@lru_cache(maxsize=8192)  # a picture prints each number about three times
def numeral(value: float, short: bool = False) -> str:
    """`value` with up to four significant digits, or two to three if short; whole numbers in full up to six digits.

    >>> numeral(-2), numeral(1 / 3), numeral(123456), numeral(0.00012345), numeral(-1 / 3, short=True)
    ('−2', '0.3333', '123456', '1.2e−4', '−0.33')
    """  # noqa: RUF002
    value = float(value)
    size = abs(value)
    if size < WHOLE_LIMIT and abs(value - round(value)) <= WHOLE_ENOUGH * size:
        text = str(round(value))
    elif 1 <= size < WHOLE_LIMIT:
        text = _plain(value, significant=3 if short else 4)
    elif SMALL <= size < 1:
        text = _stripped(f"{value:.{2 if short else 4}f}")
    else:
        text = _power_of_ten(value, (1 if size < 1 else 2) + (not short))
    return text.replace("-", MINUS)


def _plain(value: float, significant: int) -> str:
    """A number without an exponent, with a few significant digits."""
    decimals = max(significant - len(str(int(abs(value)))), 0)
    return _stripped(f"{value:.{decimals}f}")


def _stripped(text: str) -> str:
    """Remove zeros at the end, except where they tell a rounded number from a whole one."""
    shorter = text.rstrip("0") if "." in text else text
    return text if shorter.endswith(".") else shorter


def exact(value: float) -> str:
    """All digits of a number, whole numbers without a point: the same text in Python and in a browser.

    >>> exact(20.0), exact(0.1)
    ('20', '0.1')
    """
    return str(round(value)) if value % 1 == 0 else repr(value)


def bracketed(value: float) -> str:
    """A number as a term of a sum or a product: in brackets where it is negative."""
    return f"({numeral(value)})" if value < 0 else numeral(value)


def is_rounded(value: float) -> bool:
    """Whether the printed number is not quite the value."""
    value = float(value)
    return value == value and number(numeral(value)) != value


def number(text: str) -> float:
    """A printed number, read back.

    >>> number(numeral(-2.5))
    -2.5
    """
    return float(text.replace(MINUS, "-"))


def _power_of_ten(value: float, digits: int) -> str:
    """1.2e-4; nan and inf as Python writes them."""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
