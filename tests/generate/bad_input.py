"""What strangers hand in that is wrong, for both shells: values, errors, and classes with a mistake."""

import copy
import pickle
from collections.abc import Callable
from functools import partial, partialmethod, wraps
from typing import Any
from unittest.mock import AsyncMock, Mock

HUGE = 10**5000
"""A number of which Python does not write the digits."""

NO_TIMES: tuple[Any, ...] = (-1, "x", float("nan"), True, -(10**400), -HUGE, float("-inf"), 1j, b"1", [])
NO_ANSWERS: tuple[Any, ...] = (5, "x", (), (1, 2), [], False, NotImplemented, ...)
NO_SPEEDS: tuple[Any, ...] = ("3", None, True, (1,), 3.0, float("nan"), 0, -1, -HUGE)


class Odd(BaseException):
    """No Exception, and none that Python knows."""


def errors(package: Any) -> list[BaseException]:
    """What work may raise, in a package whose core has exceptions of its own."""
    core = package.core
    own = [package.NotStarted("mine"), package.WouldDeadlock("mine"), core.Refused("NOT_STARTED"), core.NotEnabled("x")]
    return [ValueError(), Odd(), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), core.Blocked("start"), *own]


def plain(_self: object) -> None:
    """Work of which nobody awaits anything."""


async def awaited(_self: object) -> None:
    """Work that has to be awaited."""


def yielding(_self: object) -> Any:
    yield


async def yielding_awaited(_self: object) -> Any:
    yield


COPIERS: tuple[Callable[[Any], object], ...] = (copy.copy, copy.deepcopy, pickle.dumps)
"""What would make a second one of an object."""

NO_COPY = "a {} cannot be copied or pickled: its state and its work belong to this one object"


def classes(work: Callable[..., Any]) -> list[tuple[dict[str, Any], str]]:
    """Classes with a mistake that are told when an object is made, and of each what is told."""
    takes: dict[str, Callable[..., Any]] = (
        {"self": _async_without_self, "x": _async_with_more, "y": _async_with_a_name}
        if work is awaited
        else {"self": lambda: None, "x": lambda _self, x: x, "y": lambda _self, *, y: y}
    )
    return [
        ({}, "abstract methods close, open|abstract methods 'close', 'open'"),
        ({"open": work}, "abstract method '?close"),
        ({"open": 5, "close": work}, "Wrong.open must be a method, not 5"),
        ({"open": work, "close": None}, "Wrong.close must be a method, not None"),
        ({"open": yielding, "close": work}, "Wrong.open must be written without `yield`"),
        ({"open": work, "close": yielding_awaited}, "Wrong.close must be written without `yield`"),
        ({"open": work, "close": takes["self"]}, "Wrong.close must take `self`"),
        ({"open": takes["x"], "close": work}, "Wrong.open must take no argument besides `self`: .*'x'"),
        ({"open": work, "close": takes["y"]}, "Wrong.close must take no argument besides `self`: .*'y'"),
    ]


def unusual(work: Callable[..., Any]) -> list[Any]:
    """Work that is written in another way than usually, and can be done all the same."""

    @wraps(work)
    def forwarded(*given: object) -> Any:
        return work(*given)

    mock = AsyncMock if work is awaited else Mock
    return [
        partialmethod(work),
        classmethod(work),
        staticmethod(partial(work, None)),
        property(lambda _self: partial(work, None)),
        forwarded,
        partial(work, None),
        mock(return_value=None),
    ]


async def _async_without_self() -> None: ...
async def _async_with_more(_self: object, x: object) -> object:
    return x


async def _async_with_a_name(_self: object, *, y: object) -> object:
    return y
