"""The program of a search: callers that make calls, and work that ends in one of several ways.

It is written for tasks. In a thread, its coroutines never wait; they block, as the code under test does.
"""

import math
from asyncio import CancelledError
from collections import Counter
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from .graph import Graph, Key
from .memory import Call, Memory
from .model import LATE, RAISES, Model, Move, Of, Plan, Session
from .rules import PATIENCE, Failed, Rules
from .search import Cut, Search


class Callers(Rules):
    """Callers that make calls, and what is looked at in each of their steps."""

    def __init__(self, world: Search, model: Model, plan: Plan, lifecycle: ModuleType) -> None:
        super().__init__(world, model)
        self._plan = plan
        self._lifecycle = lifecycle
        self._ends: list[tuple[str, str]] | None = None
        """How work still has to end in the call that is made before there are callers; None as soon as there are."""
        self._graph = Graph(model, world.constants)
        self._shell = self._class_of_shell(getattr(lifecycle, f"{model.name}Lifecycle"))

    def start(self) -> object:
        """Start the callers of one run; what they share is the shell, and what is remembered of it."""
        model = self._model
        shell = self._shell(**dict.fromkeys(model.timeouts, PATIENCE))
        self._memory = Memory(shell, self._graph.start, shell._life.now())
        made = {family for places in model.made.values() for family in places.values()}
        for family in (family for family in model.families if family not in made):
            for _ in range(self._plan.callers):
                self._known(getattr(self._lifecycle, model.families[family])(shell))
        self._ends, self._accepted = [], math.inf
        seen, self.seen = self.seen, Counter()  # what happens before is nothing that the search has shown
        for earlier in self._plan.before:
            self._ends += earlier.ends
            if earlier.move is LATE.move:
                self._world.now += PATIENCE  # whoever calls next finds it so
            else:
                self._world.first(self._make(earlier.move))
                self._ends.clear()
        self._ends, self.seen, self._accepted = None, seen, 0.0
        self._again.clear()
        for number in range(self._plan.callers):
            self._world.enter("ABCDEFGH"[number], lambda: self._caller(self._plan.calls))
        return self._memory

    def _class_of_shell(self, lifecycle: Any) -> Any:
        """The lifecycle with work that this search decides about."""

        def work_of(name: str) -> Callable[..., object]:
            return self._world.work(lambda _, *given: self._work(name, *given))

        return type(lifecycle)("Tested", (lifecycle,), {name: work_of(name) for name in self._model.activities})

    async def _caller(self, left: int) -> None:
        while left:
            left -= 1
            moves = {str(move): move for move in self._plan.moves if self._can_be_made(move)}
            if not moves:
                return
            move = moves[await self._world.choose(tuple(moves))]
            await (self._hold(move) if isinstance(move, Session) else self._make(move))

    def _can_be_made(self, move: Move) -> bool:
        return all(not isinstance(each, Of) or self._of(each.family) for each in move.arguments)

    def _of(self, family: str) -> list[Any]:
        return [member for member in self._memory.members if member._family == family]

    async def _argument(self, argument: object) -> object:
        if not isinstance(argument, Of):
            return argument
        members = self._of(argument.family)
        names = tuple(f"{argument.family} {number}" for number in range(len(members)))
        return members[names.index(await self._world.choose(names))]

    async def _make(self, move: Move) -> None:
        """Make a call, and look at its end."""
        given = tuple([await self._argument(each) for each in move.arguments])
        method = getattr(self._memory.shell, move.call)
        call = Call(move, given, self._all_known(given), self._world.now)
        await self._see(call, lambda: self._world.result(method(*given, **_timeout_of(move))))

    async def _see(self, call: Call, made: Callable[[], Awaitable[object]]) -> object:
        """Have a call made, and look at its end; what it returns, or the exception that it raises."""
        world = self._world
        stack = self._memory.calls.setdefault(world.get_ident(), [])
        stack.append(call)
        world.note(f"calls {call.move}")
        self._see_refusals()
        try:
            answer = await made()
        except (Cut, GeneratorExit):
            raise
        except BaseException as error:
            answer = error
            self.look()
            world.note(f"{call.move} raises {error!r}")
            self._raised(call, error)
        else:
            self.look()
            world.note(f"{call.move} returns {answer}")
            self._returned(call, answer)
        stack.remove(call)
        return answer

    async def _hold(self, session: Session) -> None:
        """Hold a session: what begins ends, whatever happens."""
        world = self._world
        given = tuple([await self._argument(each) for each in session.arguments])
        block = getattr(self._memory.shell, session.call)(*given, **_timeout_of(session))
        begin = Call(Move(session.begin, given, session.timeout), given, self._all_known(given), world.now)
        end = begin.then = Call(Move(session.end), (), (), world.now, shielded=True, given_back=session.given_back)
        gives = await self._see(begin, lambda: world.enter_block(block))
        if isinstance(gives, BaseException):
            begun = bool(begin.action) and not begin.failed
            if begun and not end.action and not self._is_refused(end):
                world.fail(f"{session} has begun, and has not ended")
            if end.action and not begun:
                world.fail(f"{session} has not begun, and has ended")
            return
        members = gives if isinstance(gives, tuple) else (gives,)
        if end.arguments != tuple(given[place] if place >= 0 else members[~place] for place in session.given_back):
            world.fail(f"{session} gives {gives}")
        end.refusals.clear()
        error: BaseException | None = None
        try:
            if await world.choose(("the block ends", "the block raises"), "in the block") == "the block raises":
                error = Failed("the block")
        except (KeyboardInterrupt, CancelledError) as interrupt:
            error = interrupt
        await self._see(end, lambda: world.leave_block(block, error))
        if not end.action and not end.refusals:
            world.fail(f"{session} has begun, and not ended")

    async def _work(self, name: str, *given: Any) -> object:
        """Do work as a test does: others can go on while it runs, and it ends in one of several ways."""
        world, memory = self._world, self._memory
        if world.over:
            raise Cut
        self.look()
        key = self._key(name, given)
        world.note(f"begins {name}")
        self.seen[f"{name} begins"] += 1
        if key not in memory.state.due:
            world.fail(f"{name} is run while it is not due")
        if key in memory.running or key in memory.over:
            world.fail(f"{name} is run while it is run already")
        self._see_again(key)
        memory.running.append(key)
        try:
            if self._plan.inward and self._ends is None and self._again[key] == 1:
                await self._call_in()
            answers = self._model.activities[name].ways()
            way = await world.choose(self._told(name) or (*answers, RAISES), f"in {name}")
            self._see_cancellation(key)
            if way == RAISES:
                raise Failed(name)  # noqa: TRY301 -- as the work of a user does
            memory.over[key] = answers[way]
            if not self._is_provided_for(key, memory.over[key]):
                world.fail(f"no outcome of {name} provides for the answer {memory.over[key]}; prove the spec first")
        except BaseException as error:
            memory.over[key] = error
            if isinstance(error, CancelledError) and not self._model.activities[name].fails:
                world.fail(f"{name} is cancelled, and has to come to its end")
            if not isinstance(error, CancelledError) and (call := self._innermost()) and key in call.open:
                call.error = call.error or error
            raise
        finally:
            if not world.over:
                memory.running.remove(key)
                end = memory.over[key]
                how = f"raises {type(end).__name__}" if isinstance(end, BaseException) else f"returns {end}"
                world.note(f"{name} {how}")
                self.seen[f"{name} {how}"] += 1
        return memory.over[key]

    def _told(self, name: str) -> tuple[str, ...]:
        """The way in which work has to end before there are callers; empty if that was not said."""
        for told in self._ends or ():
            if told[0] == name:
                self._ends = [each for each in self._ends or () if each is not told]
                return told[1:]
        return ()

    async def _call_in(self) -> None:
        """Make a call, as code within work may do, if it is not in such a call already."""
        under_way = self._memory.calls.get(self._world.get_ident(), [])
        moves = {str(move): move for move in self._plan.moves if self._can_be_made(move)}
        if len(under_way) < 2 and moves:
            await self._make(moves[await self._world.choose(tuple(moves), "in work")])

    def _see_cancellation(self, key: Key) -> None:
        """See that work that can fail does not go on after a cancellation of its call, unless it ends a session."""
        for call in (call for call in self._under_way() if not call.shielded):
            if key in call.open and CancelledError in call.interrupts and self._model.activities[key[0]].fails:
                self._world.fail(f"{key[0]} goes on, and its call was cancelled")

    def interrupted(self, by: type[BaseException], surely: bool = True) -> None:
        """Remember that the calls of the caller that runs are interrupted; not `surely`, if what runs for him is."""
        for call in self._memory.calls.get(self._world.get_ident(), ()):
            for each in (call, call.then):
                if each is not None:
                    each.interrupts[by] = surely or each.interrupts.get(by, False)

    def is_under_way(self) -> bool:
        """Whether a call of the caller that runs is under way."""
        return bool(self._memory.calls.get(self._world.get_ident()))


def _timeout_of(move: Move) -> dict[str, float]:
    return {} if move.timeout is None else {"timeout": move.timeout}
