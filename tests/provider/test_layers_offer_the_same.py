"""A layer has every public call of the base provider, with the same parameters, answers and defaults."""

import inspect
import typing
from collections.abc import Callable
from typing import Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_provider import WinsockProvider
from winsock_provider.request import Plan


def public(provider: type) -> set[str]:
    return {name for name in dir(provider) if not name.startswith("_")}


def call_of(provider: type, name: str) -> Callable[..., Any]:
    found = inspect.getattr_static(provider, name)
    match found:
        case property():
            assert found.fget is not None
            return found.fget
        case staticmethod():
            return found.__func__
        case _:
            return found  # type: ignore[no-any-return]


def shape(provider: type, name: str) -> tuple[object, ...]:
    """The kind of a public name, and its parameters and answer as their users see them."""
    call = call_of(provider, name)
    hints = typing.get_type_hints(inspect.unwrap(call))
    answer = hints.pop("return")
    if typing.get_origin(answer) is Plan:  # what the owner is asked to do, of which the caller gets the answer
        (answer,) = typing.get_args(answer)
    parameters = [(each.name, each.kind, each.default) for each in inspect.signature(call).parameters.values()]
    if answer is provider:
        answer = "the provider itself"
    return type(inspect.getattr_static(provider, name)), parameters, hints, answer


def test_a_layer_has_the_public_names_of_the_base_and_no_others() -> None:
    assert public(LayeredWinsockProvider) == public(WinsockProvider)


@pytest.mark.parametrize("name", sorted(public(WinsockProvider)))
def test_a_public_call_of_a_layer_is_made_like_that_of_the_base(name: str) -> None:
    assert shape(LayeredWinsockProvider, name) == shape(WinsockProvider, name)
    assert call_of(LayeredWinsockProvider, name).__doc__
