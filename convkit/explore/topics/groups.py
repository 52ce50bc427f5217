"""Grouped and depthwise convolution: filters that read some of the channels, drawn and counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ...arithmetic import channels_per_group, conv_params, output_length
from ...picture.channels import lay_out_channels
from ...picture.crop import crop_around
from ...picture.frame import Focus
from ...picture.scene import Scene, small_scene
from ...picture.words import description, listed, short_saying, title, worked_out
from ..knobs import Knob, Settings, Switch, Whole
from ..tables import bullets
from ..topic import Extent, Position
from ..view import Panel, View
from .parameters import Parameters, code, count_facts
from .stride import DIGITS, weight

CHANNELS, FILTERS, GROUPS = 4, 8, 4  # at most
SIDE = 5  # pixels of the image


class Groups(Parameters):
    """What a convolution layer learns where each filter reads one group of the channels."""

    name = "groups"
    title = "Groups: filters that read some of the channels"
    invitation = "Play, or go to any output value: the channels that its filter reads light up."
    plays = False
    knobs: tuple[Knob, ...] = (
        Whole("kernel_size", "Kernel size (px)", 3, 1, 5),
        Whole("in_channels", "Channels in", 4, 1, CHANNELS),
        Whole("filters", "Filters", 4, 1, FILTERS),
        Whole("groups", "Groups", 2, 1, GROUPS),
        Switch("use_bias", "A bias for each filter", True),
    )
    questions: tuple[Settings, ...] = (
        {"kernel_size": 3, "in_channels": 4, "filters": 4, "groups": 4, "use_bias": True},
        {"kernel_size": 3, "in_channels": 4, "filters": 8, "groups": 4, "use_bias": False},
        {"kernel_size": 1, "in_channels": 4, "filters": 8, "groups": 2, "use_bias": True},
        {"kernel_size": 3, "in_channels": 3, "filters": 6, "groups": 3, "use_bias": True},
    )

    def ways(self, settings: Settings, guess: float) -> list[tuple[str, str, str]]:
        """Slips that are about groups; without groups those of the lesson."""
        size, channels, filters, groups = (settings[knob.name] for knob in self.knobs[:4])
        if groups == 1:
            return super().ways(settings, guess)
        per_group = channels_per_group(channels, filters, groups)
        use_bias = settings["use_bias"]
        reads = f"Each filter reads {channels} / {groups} = {per_group} of the {channels} channels."
        found = [
            (conv_params(size, channels, filters, use_bias=use_bias), "It lets every filter read all channels", reads),
            (
                conv_params(size, per_group, filters // groups, use_bias=use_bias),
                "It counts the filters of one group only",
                f"There are {groups} groups of {filters // groups} filters.",
            ),
            (
                conv_params(size, per_group, filters * groups, use_bias=use_bias),
                "It counts all filters once for each group",
                f"The {filters} filters are shared out: {filters // groups} for each of {groups} groups.",
            ),
        ]
        return [(did, "", helps) for count, did, helps in found if count == guess]

    def extent(self, settings: Settings) -> Extent:
        """The output's rows, columns and filters."""
        self.right(settings)  # raises ShapeError where groups don't divide channels and filters
        length = output_length(SIDE, settings["kernel_size"])
        return (length, length, settings["filters"])

    def home(self, settings: Settings) -> Position:
        """The first output."""
        return (0, 0)

    def view(self, settings: Settings, position: Position, filter: int, room: float | None) -> View:
        """The convolution, channel by channel, and what the groups save."""
        scene = _scene(settings)
        said = f"The layer has {self.right(settings)} parameters."
        text = f"{said} {description(scene, crop_around(scene, position, filter), position, filter)}"
        picture = lay_out_channels(scene, Focus(position, filter), title(scene), text, room)
        return View(
            (Panel("Input, filter and output", picture, moves=True),),
            text=text,
            said=said,
            moment=f"{short_saying(scene, position, filter)} It reads {_channels(scene, filter)}.",
            worked_out=worked_out(scene, position, filter),
            facts=count_facts(settings) + _facts(settings),
            code=code(settings),
        )

    def readers(self, settings: Settings, row: int, column: int) -> list[Position]:
        """The positions of the filters on a pixel."""
        return _scene(settings).readers(row, column)

    def filters_reading(self, settings: Settings, channel: int) -> list[int]:
        """Those of the channel's group."""
        scene = _scene(settings)
        return [filter for filter in range(scene.filters) if channel in scene.channels_of(filter)]

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All layers, with all groups that divide channels and filters."""
        yield from super().lookups()
        sizes, channels, filters, groups = (knob.values for knob in self.knobs[:4])
        for size, channel, many, use_bias, group in itertools.product(sizes, channels, filters, (True, False), groups):
            if group > 1 and channel % group == 0 and many % group == 0:
                yield "count_steps", (size, channel, many, use_bias, group)
                yield "keras_summary", (size, channel, many, use_bias, group)


def _scene(settings: Settings) -> Scene:
    """Digits for each channel, and a kernel of small numbers for each filter."""
    size, channels, filters, groups = (settings[name] for name in ("kernel_size", "in_channels", "filters", "groups"))
    side = range(SIDE)
    x = [[[int(DIGITS[3 * c + row][column + c]) for c in range(channels)] for column in side] for row in side]
    per_group = channels_per_group(channels, filters, groups)
    kernel = [
        [[[weight(i, j, filter + 2 * c) for filter in range(filters)] for c in range(per_group)] for j in range(size)]
        for i in range(size)
    ]
    bias = [filter % 3 for filter in range(filters)] if settings["use_bias"] else None
    return small_scene(x, kernel, (1, 1), "valid", bias, groups=groups)


def _channels(scene: Scene, filter: int) -> str:
    read = scene.channels_of(filter)
    return f"channel{'s' if len(read) > 1 else ''} {listed(read)}"


def _facts(settings: Settings) -> str:
    """How much fewer parameters there are, what is lost, and the name of one channel for each filter."""
    size, channels, filters, groups = (settings[name] for name in ("kernel_size", "in_channels", "filters", "groups"))
    weights = [conv_params(size, channels, filters, number, use_bias=False) for number in (1, groups)]
    found = [f"Weights without groups: {weights[0]}; with groups={groups}: {weights[0]} / {groups} = {weights[1]}."]
    if groups > 1:
        found.append("No output mixes channels of two groups. A 1x1 convolution after it does.")
    if groups == channels and groups > 1:
        multiplier = f", depth_multiplier={filters // groups}" if filters > groups else ""
        found.append(
            f"Each filter reads one channel: a depthwise convolution, DepthwiseConv2D({size}{multiplier}) in Keras."
        )
    return bullets("What groups change", found)
