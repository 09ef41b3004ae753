"""Whether code that people hand in fits: told when it is handed in, and not when it is too late."""

from collections.abc import Callable, Coroutine, Sequence
from inspect import (
    isasyncgenfunction,
    isawaitable,
    iscoroutinefunction,
    isfunction,
    isgeneratorfunction,
    ismethod,
    signature,
)
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


def refuse_work(owner: object, name: str, of_members: bool, awaits: bool) -> None:
    """See that a method can be called to do its work, and that what it answers is the answer of the work.

    Raises:
        TypeError: it takes other arguments, or gives something that would have to be awaited or gone through.
    """
    if isinstance(getattr(type(owner), name), property):
        return  # it may not be there before its owner is made
    method, what = getattr(owner, name), f"{type(owner).__name__}.{name}"
    if not callable(method):
        raise TypeError(f"{what} must be a method, not {shown(method)}")
    function = method.__func__ if ismethod(method) else method
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise TypeError(f"{what} must be written without `yield`, as nobody would go through what it yields")
    if awaits:
        # What is wrapped, or is no function at all, may give something to be awaited all the same.
        if isfunction(function) and not iscoroutinefunction(function) and not hasattr(function, "__wrapped__"):
            raise TypeError(f"{what} must be written with `async def`")
    elif iscoroutinefunction(function):
        raise TypeError(f"{what} must be written without `async`, as nobody would await it")
    try:
        taken = signature(method)
    except ValueError as error:
        if not isfunction(function):
            return  # written in C, so that nobody knows
        raise TypeError(f"{what} must take `self`") from error
    except Exception:  # nobody knows: an annotation may name what is there only for type checkers
        return
    try:
        taken.bind(*[None] * of_members)
    except TypeError as error:
        given = "the member as its only argument" if of_members else "no argument"
        raise TypeError(f"{what} must take {given} besides `self`: {error}") from None


def refuse_observer(observe: object) -> None:
    """See that an observer can be called, and that nobody has to await it.

    Raises:
        TypeError: it cannot, or somebody has to.
    """
    if observe is None:
        return
    if not callable(observe):
        raise TypeError(f"the observer must be a function, not {shown(observe)}")
    if iscoroutinefunction(observe) or iscoroutinefunction(type(observe).__call__):
        raise TypeError("the observer must be a plain function, as nobody would await it")


def refuse_awaitable(answer: T) -> T:
    """See that the answer of a condition is there, and need not be awaited.

    Raises:
        TypeError: it has to be.
    """
    if isawaitable(answer):
        if isinstance(answer, Coroutine):
            answer.close()
        raise TypeError("the condition must be a plain function")
    return answer


def value(given: T, kind: type[T]) -> T:
    """A value of exactly this type, as the model means it: a bool is no number, and 1.0 is none of its numbers.

    Raises:
        TypeError: it is of another.
    """
    if type(given) is not kind:
        raise TypeError(f"a value of {kind.__name__} is needed, not {shown(given)}")
    return given


def on_values(step: Callable[..., T], kinds: Sequence[type[Any]]) -> Callable[..., T]:
    """A step that is given values of these types.

    Raises:
        TypeError: something else was given.
    """

    def taken(state: Any, *arguments: Any) -> T:
        for each, kind in zip(arguments, kinds, strict=True):
            value(each, kind)
        return step(state, *arguments)

    return taken


def refuse_copy(made: object) -> NoReturn:
    """Tell that there is no second one of this: it would share what is under way, and count its users apart.

    Raises:
        TypeError: always.
    """
    name = type(made).__name__
    raise TypeError(f"a {name} cannot be copied or pickled: its state and its work belong to this one object")


def not_made(name: str) -> Any:
    """A stand-in for a lifecycle of this class until it is made: each use of it tells why it is not."""
    return _NotMade(name)


class _NotMade:
    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # Python asks, and has an answer of its own
        raise RuntimeError(
            f"the lifecycle is not made yet: an `__init__` of a class derived from {self._name} has to call "
            "`super().__init__()` before anything else"
        )


def shown(value: object) -> str:
    """A value as a message shows it, which nothing makes long; Python writes no numbers of thousands of digits."""
    try:
        text = repr(value)
    except ValueError:
        return f"some {type(value).__name__}"
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


_LONG = 80
"""Characters of a value in a message, at most."""
