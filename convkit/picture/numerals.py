"""A number -> the few characters that fit a cell. The exact value goes beside it, in a data attribute."""

from __future__ import annotations

MINUS = "\u2212"  # the sign of a number; a hyphen is shorter than a digit and easily missed
WHOLE_LIMIT = 10**6  # whole numbers below it are printed in full
SMALL, LARGE = 1e-3, 1e5  # outside of these, a power of ten


def numeral(value: float) -> str:
    """`value` with up to four significant digits; whole numbers in full up to six digits.

    >>> numeral(-2), numeral(1 / 3), numeral(123456), numeral(0.00012345)
    ('\u22122', '0.3333', '123456', '1.23e\u22124')
    """
    value = float(value)
    size = abs(value)
    if value == int(value) if size < WHOLE_LIMIT else False:
        text = str(int(value))
    elif SMALL <= size < LARGE:
        text = f"{value:.4g}" if size < 9999.5 else f"{value:.0f}"
    else:
        text = _power_of_ten(value)
    return text.replace("-", MINUS)


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


def _power_of_ten(value: float) -> str:
    digits, _, exponent = f"{value:.3g}".partition("e")
    return f"{digits}e{int(exponent)}" if exponent else digits
