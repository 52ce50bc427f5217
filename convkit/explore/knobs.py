"""What can be turned in an explorer: a name of Keras', a label with its unit, and the values it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..arguments import ArgumentError, whole

Settings = dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """A slider of whole numbers."""

    name: str
    label: str  # with its unit
    value: int
    least: int
    most: int

    @property
    def values(self) -> Sequence[int]:
        """All that it may be."""
        return range(self.least, self.most + 1)

    def clean(self, value: Any) -> int:
        """`value`, or an error that gives the range."""
        number = whole(self.name, value, self.least)
        if number > self.most:
            raise ArgumentError(f"{self.name} is {number}, and can be {self.least} to {self.most} here.")
        return number


@dataclass(frozen=True)
class NumberSlider:
    """A slider of numbers with a step."""

    name: str
    label: str
    value: float
    least: float
    most: float
    step: float
    values: Sequence[float] = ()  # too many to try

    def clean(self, value: Any) -> float:
        """`value` at the nearest step."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.least <= value <= self.most:
            raise ArgumentError(f"{self.name} is {value!r}, and can be {self.least:g} to {self.most:g} here.")
        steps = round(1 / self.step)
        return round(value * steps) / steps if self.step < 1 else float(round(value))


@dataclass(frozen=True)
class Choice:
    """A list to choose from: what is shown -> what is meant."""

    name: str
    label: str
    value: Any
    options: Mapping[str, Any]

    @property
    def values(self) -> Sequence[Any]:
        """All that it may be."""
        return tuple(self.options.values())

    def clean(self, value: Any) -> Any:
        """`value`; words in any case."""
        word = value.lower() if isinstance(value, str) else value
        if word not in self.values:
            raise ArgumentError(f"{self.name} is {value!r}, and can be {', '.join(map(repr, self.values))} here.")
        return word


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    value: bool

    @property
    def values(self) -> Sequence[bool]:
        """Both."""
        return (False, True)

    def clean(self, value: Any) -> bool:
        """`value` as True or False."""
        return bool(value)


@dataclass(frozen=True)
class Table:
    """A small array whose numbers are typed in, one by one."""

    name: str
    label: str
    value: tuple[tuple[float, ...], ...]
    values: Sequence[Any] = ()

    def clean(self, value: Any) -> tuple[tuple[float, ...], ...]:
        """Rows of numbers, as many as there are."""
        rows = tuple(tuple(map(_number, row)) for row in value)
        if tuple(map(len, rows)) != tuple(map(len, self.value)):
            raise ArgumentError(f"{self.name} has to have {len(self.value)} rows of {len(self.value[0])} numbers.")
        return rows


Knob = Whole | NumberSlider | Choice | Switch | Table


def _number(value: Any) -> float:
    number = float(value)
    if not abs(number) <= 1000:
        raise ArgumentError(f"{value!r} is not a number from -1000 to 1000.")
    return int(number) if number == int(number) else number


def start(knobs: Sequence[Knob], settings: Mapping[str, Any]) -> Settings:
    """The values at the start, with some of them chosen by the caller."""
    by_name = {knob.name: knob for knob in knobs}
    unknown = [name for name in settings if name not in by_name]
    if unknown:
        raise ArgumentError(f"{', '.join(unknown)} can't be turned here. There are {', '.join(by_name)}.")
    return {knob.name: knob.clean(settings.get(knob.name, knob.value)) for knob in knobs}
