"""The effects of a process on its layers: it forks, and its collector drops what nobody holds any more."""

import os
import warnings
import weakref

from .layer import Layer

_layers: "weakref.WeakSet[Layer]" = weakref.WeakSet()
"""The layers of this process. Forks are told to all of them, so this cannot belong to any one."""


def register(layer: Layer) -> None:
    """From now on `layer` is told about forks."""
    _layers.add(layer)


def dropped(layer: Layer) -> None:
    """Nobody holds the provider of `layer` any more: what its missing cleanups would have done is done."""
    if layer.history.now().refs:
        layer.give_up()
        warnings.warn("a layered Winsock provider was dropped while it ran", ResourceWarning, stacklevel=2)


def _after_fork_in_child() -> None:
    for layer in tuple(_layers):
        layer.waiting.clear()  # those who wait are threads of the parent
        layer.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
