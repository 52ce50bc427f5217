"""Grouped and depthwise convolution: filters that read some of the channels, drawn and counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

from ...arithmetic import channels_per_group, conv_params
from ..knobs import Knob, Settings, Switch, Whole
from ..tables import bullets
from ..view import View
from .parameters import Parameters

CHANNELS, FILTERS, GROUPS = 4, 8, 4  # at most


class Groups(Parameters):
    """What a convolution layer learns where each filter reads one group of the channels."""

    name = "groups"
    title = "Groups: filters that read some of the channels"
    invitation = "Each weight is a cell; its heading says which channel it reads."
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

    def view(self, settings: Settings, position: tuple[int, int], filter: int, room: float | None) -> View:
        """The kernels, and what the groups save."""
        view = super().view(settings, position, filter, room)
        return replace(view, facts=view.facts + _facts(settings))

    def lookups(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """All layers, with all groups that divide channels and filters."""
        yield from super().lookups()
        sizes, channels, filters, groups = (knob.values for knob in self.knobs[:4])
        for size, channel, many, use_bias, group in itertools.product(sizes, channels, filters, (True, False), groups):
            if group > 1 and channel % group == 0 and many % group == 0:
                yield "count_steps", (size, channel, many, use_bias, group)
                yield "keras_summary", (size, channel, many, use_bias, group)


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
    return bullets("What groups change", [escape(line) for line in found])
