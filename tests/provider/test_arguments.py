"""What a provider is made with is checked when it is made: nothing of it fails a cleanup later."""

from decimal import Decimal
from typing import Any

import pytest
from winsock_provider import AF_INET, SOCK_STREAM, LayeredWinsockProvider, Phase, WinsockError, WinsockProvider

LONG = pytest.mark.parametrize("seconds", [10**400, 1e308, float("inf")], ids=["10**400", "1e308", "inf"])


@pytest.mark.parametrize("bound", ["drain_timeout", "drain_total"])
@LONG
def test_a_bound_may_be_as_long_as_one_likes(bound: str, seconds: float) -> None:
    bounds: dict[str, Any] = {bound: seconds}
    provider = WinsockProvider(**bounds)
    provider.startup((2, 2))
    provider.socket(AF_INET, SOCK_STREAM)
    provider.cleanup()
    assert provider.snapshot().phase is Phase.UNLOADED


@LONG
def test_a_wait_may_be_as_long_as_one_likes_too(seconds: float) -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    assert not provider.wait_released(-seconds)
    provider.cleanup()
    assert provider.wait_released(seconds)


@pytest.mark.parametrize("bound", ["drain_timeout", "drain_total"])
@pytest.mark.parametrize(
    ("seconds", "failure"), [(Decimal(1), TypeError), ("1", TypeError), (-1, ValueError), (float("nan"), ValueError)]
)
def test_a_bound_that_is_no_time_is_refused_at_once(bound: str, seconds: Any, failure: type[Exception]) -> None:
    bounds: dict[str, Any] = {bound: seconds}
    with pytest.raises(failure, match=f"^{bound} must be"):
        WinsockProvider(**bounds)


@pytest.mark.parametrize("layered", [False, True], ids=["base", "layer"])
def test_versions_may_be_lists(layered: bool) -> None:
    pairs: Any = iter([[2, 2], [1, 1]])
    provider = LayeredWinsockProvider(WinsockProvider(), versions=pairs) if layered else WinsockProvider(versions=pairs)
    assert provider.startup((2, 1)).version == (1, 1)
    provider.cleanup()
    with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED"):
        provider.startup((1, 0))
