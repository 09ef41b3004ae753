"""Work for each member by itself, with asyncio."""

import asyncio
from typing import Any

import pytest

from tests.tasks.loops import Loop, close, run, turns


def hub_of(hub: Any) -> Any:
    """A hub whose links are up after a few turns, all at once if need be."""

    class Dialled(hub.HubLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        def __init__(self, **patience: float) -> None:
            self.steps: list[Any] = []
            super().__init__(observe=self.steps.append, **patience)
            self.open: dict[Any, bool] = {}
            self.answer: Any = 3

        async def connect(self, link: Any) -> int:
            await turns(3)
            self.open[link] = True
            return self.answer  # type: ignore[no-any-return]

        async def disconnect(self, link: Any) -> None:
            await turns(3)
            assert self.open.pop(link)

    return Dialled


def test_a_session_gives_a_member(hub: Any) -> None:
    async def main() -> None:
        lines = hub_of(hub)()
        async with lines.linked() as link:
            assert isinstance(link, hub.Link)
            assert (link.wire, link.speed) == (hub.Wire.UP, 3)
            assert lines.open == {link: True}
            assert [*lines.snapshot().links] == [link]
        assert lines.open == {}
        assert lines._life.left() == ""
        with pytest.raises(hub.HubError):
            await lines.drop(link)
        assert lines._life.left() == ""

    run(main)


def test_two_snapshots_of_one_state_are_equal(hub: Any) -> None:
    async def main() -> None:
        lines = hub_of(hub)()
        empty = lines.snapshot()
        link, other = await lines.dial(), await lines.dial()
        before = lines.snapshot()
        assert before == lines.snapshot() != empty
        assert len({before, lines.snapshot(), empty}) == 2
        assert before.links == {each: hub.Link.Snapshot(hub.Wire.UP, 3) for each in (other, link)}
        assert lines.steps[1].changed["links"] == {link: hub.Link.Snapshot(hub.Wire.UP, 3)}
        await lines.drop(other)
        third = await lines.dial()
        assert lines.snapshot() != before, "another member is another one, whatever its values are"
        for each in (link, third):
            await lines.drop(each)

    run(main)


def test_members_are_worked_for_at_the_same_time(hub: Any) -> None:
    async def main() -> None:
        lines = hub_of(hub)()

        async def use() -> None:
            async with lines.linked():
                most.append(len(lines.open))
                await turns(3)

        most: list[int] = []
        await asyncio.gather(*(use() for _ in range(10)))
        assert max(most) > 5
        assert lines._life.left() == ""

    run(main)


def test_a_member_of_another_lifecycle_is_refused(hub: Any) -> None:
    async def main() -> None:
        one, other = hub_of(hub)(), hub_of(hub)()
        async with one.linked() as link:
            with pytest.raises(hub.WrongMember, match="belongs to another lifecycle"):
                await other.drop(link)
            assert other.steps == []

    run(main)


@pytest.mark.parametrize(
    ("answer", "error"), [("3", TypeError), (None, TypeError), (True, TypeError), (-1, ValueError), (0, ValueError)]
)
def test_a_wrong_answer_fails(hub: Any, answer: Any, error: type[Exception]) -> None:
    async def main() -> None:
        lines = hub_of(hub)()
        lines.answer = answer
        with pytest.raises(error, match="connect returned"):
            await lines.dial()
        assert [step.action for step in lines.steps] == ["dial", "not_connected"]
        assert lines._life.left() == ""

    run(main)


def test_linked_sessions_survive_cancellation_at_every_turn(hub: Any) -> None:
    async def use(lines: Any) -> None:
        async with lines.linked() as link:
            assert lines.open[link]
            await turns(1)

    turn, missed = 1, False
    while not missed:
        lines, loop = hub_of(hub)(), Loop()
        try:
            tasks = [loop.create_task(use(lines)) for _ in range(3)]
            cancelled: list[bool] = []
            loop.at_turn(turn, lambda cancelled=cancelled, task=tasks[1]: cancelled.append(task.cancel()))  # type: ignore[misc]
            loop.run_until_complete(asyncio.wait(tasks))
            missed = loop.selector.at_turn is not None
            loop.selector.at_turn = None
            assert tasks[1].cancelled() is any(cancelled)
            assert [task.exception() for task in (tasks[0], tasks[2])] == [None, None]
            assert {*lines.open} == {link for link in lines.open if link.wire is hub.Wire.NEW}, (
                "cut off while it was dialled"
            )
            assert lines._life.left() == ""
            assert loop.left() == []
        finally:
            close(loop)
        turn += 1
    assert turn > 8


def test_a_drain_is_answered_by_a_step_from_outside(hub: Any) -> None:
    async def main() -> None:
        lines = hub_of(hub)(drain_timeout=5)
        link = await lines.dial()
        draining = asyncio.create_task(lines.drain())
        await turns(1)
        dialling = asyncio.create_task(lines.dial())
        await turns(1)
        await lines.drop(link)
        assert not draining.done()
        await lines.drained()
        await draining
        await lines.drop(await dialling)
        assert lines._life.left() == ""

    run(main)
