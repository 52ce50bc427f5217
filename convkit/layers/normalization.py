"""Layers that shift and scale each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .base import ANY, LAST_AXIS, Layer, Unused, Weight, any_shape, last_axis, of_weights


class Scaled(Layer):
    """A few numbers for each channel of the last axis."""

    def params_sum(self, input_shape: Any) -> str:
        """Weights * channels."""
        weights = self.weights(input_shape)
        return f"{len(weights)} * {last_axis(any_shape(input_shape))}" if weights else ""

    def _per_channel(self, input_shape: Any, wanted: dict[str, bool], trainable: bool = True) -> tuple[Weight, ...]:
        shape = (last_axis(any_shape(input_shape)),)
        return tuple(Weight(name, shape, trainable, self.dtype) for name, present in wanted.items() if present)


@dataclass(frozen=True, repr=False)
class BatchNormalization(Scaled):
    """Each channel by its mean and variance, which are kept but not trained: `keras.layers.BatchNormalization`.

    >>> layer = BatchNormalization()
    >>> layer.params_sum((7, 7, 16)), [weight.name for weight in layer.weights((7, 7, 16)) if weight.trainable]
    ('4 * 16', ['gamma', 'beta'])
    """

    unused: ClassVar[Unused] = (
        LAST_AXIS
        | of_weights("beta", "gamma")
        | dict.fromkeys(
            ["momentum", "epsilon", "synchronized", "moving_mean_initializer", "moving_variance_initializer"], ANY
        )
    )
    order: ClassVar[tuple[str, ...]] = ("axis", "momentum", "epsilon")

    center: bool = True
    scale: bool = True

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """gamma and beta, which are trained; moving_mean and moving_variance, which are not."""
        trained = self._per_channel(input_shape, {"gamma": self.scale, "beta": self.center})
        return trained + self._per_channel(input_shape, {"moving_mean": True, "moving_variance": True}, trainable=False)


@dataclass(frozen=True, repr=False)
class LayerNormalization(Scaled):
    """Each position by the mean and variance over its channels: `keras.layers.LayerNormalization`."""

    unused: ClassVar[Unused] = LAST_AXIS | of_weights("beta", "gamma") | {"epsilon": ANY}
    order: ClassVar[tuple[str, ...]] = ("axis", "epsilon")

    center: bool = True
    scale: bool = True

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """gamma and beta."""
        return self._per_channel(input_shape, {"gamma": self.scale, "beta": self.center})


@dataclass(frozen=True, repr=False)
class Normalization(Scaled):
    """Each channel by a mean and variance of the data set, found by `adapt` or given: `keras.layers.Normalization`."""

    unused: ClassVar[Unused] = LAST_AXIS | {"invert": ANY}
    order: ClassVar[tuple[str, ...]] = ("axis",)

    mean: Any = None
    variance: Any = None

    def __post_init__(self) -> None:
        self._put(mean=_numbers(self.mean), variance=_numbers(self.variance))

    def weights(self, input_shape: Any) -> tuple[Weight, ...]:
        """mean and variance, and one counter, which Keras counts among the parameters; none where they are given."""
        if self.mean is not None:
            return ()
        kept = self._per_channel(input_shape, {"mean": True, "variance": True}, trainable=False)
        return (*kept, Weight("count", (), trainable=False, dtype="int32"))

    def params_sum(self, input_shape: Any) -> str:
        """2 * channels + 1."""
        return "" if self.mean is not None else f"2 * {last_axis(any_shape(input_shape))} + 1"


def _numbers(values: Any) -> tuple[float, ...] | None:
    return None if values is None else tuple(np.ravel(values).tolist())
