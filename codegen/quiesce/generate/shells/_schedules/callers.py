"""The program of a search: callers that make calls, and work that ends in one of several ways.

It is written for tasks. In a thread, its coroutines never wait; they block, as the code under test does.
"""

from asyncio import CancelledError
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .memory import Call, Memory
from .model import Model, Move, Of, Plan
from .rules import PATIENCE, Failed, Rules
from .search import Cut, Search


class Callers(Rules):
    """Callers that make calls, and what is looked at in each of their steps."""

    def __init__(self, world: Search, model: Model, plan: Plan, lifecycle: ModuleType) -> None:
        super().__init__(world, model)
        self._plan = plan
        self._lifecycle = lifecycle
        self._shell = self._class_of_shell(getattr(lifecycle, f"{model.name}Lifecycle"))

    def start(self) -> object:
        """Start the callers of one run; what they share is the shell, and what is remembered of it."""
        model = self._model
        shell = self._shell(**dict.fromkeys(model.timeouts, PATIENCE))
        self._memory = Memory(shell, getattr(model.core, f"{model.name}Core")(), shell._life.now())
        made = {family for places in model.made.values() for family in places.values()}
        for family in (family for family in model.families if family not in made):
            for _ in range(self._plan.callers):
                self._in_core(getattr(self._lifecycle, model.families[family])(shell))
        for move in self._plan.before:
            self._world.first(self._make(move))
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
            await self._make(moves[await self._world.choose(tuple(moves))])

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
        world, memory = self._world, self._memory
        given = [await self._argument(each) for each in move.arguments]
        call = Call(move, tuple(given), world.now)
        stack = memory.calls.setdefault(world.get_ident(), [])
        stack.append(call)
        world.note(f"calls {move}")
        self._see_refusals()
        more = {} if move.timeout is None else {"timeout": move.timeout}
        try:
            answer = await world.result(getattr(memory.shell, move.call)(*given, **more))
        except (Cut, GeneratorExit):
            raise
        except BaseException as error:
            self.look()
            world.note(f"{move} raises {error!r}")
            self._raised(call, error)
        else:
            self.look()
            world.note(f"{move} returns {answer}")
            self._returned(call, answer)
        stack.remove(call)

    async def _work(self, name: str, *given: Any) -> object:
        """Do work as a test does: others can go on while it runs, and it ends in one of several ways."""
        world, memory = self._world, self._memory
        if world.over:
            raise Cut
        self.look()
        key = name, given[0] if given else None
        world.note(f"begins {name}")
        self.seen[f"{name} begins"] += 1
        if key not in memory.due:
            world.fail(f"{name} is run while it is not due")
        if key in memory.running or key in memory.over:
            world.fail(f"{name} is run while it is run already")
        memory.running.append(key)
        try:
            answers = self._model.activities[name].answers
            ways = (*(f"returns {each}" for each in answers), "raises")
            way = await world.choose(ways, f"in {name}")
            if way == "raises":
                raise Failed(name)  # noqa: TRY301 -- as the work of a user does
            memory.over[key] = answers[ways.index(way)]
        except BaseException as error:
            memory.over[key] = error
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

    def interrupted(self, by: type[BaseException], surely: bool = True) -> None:
        """Remember that the calls of the caller that runs are interrupted; not `surely` if only what runs for him is."""
        for call in self._memory.calls.get(self._world.get_ident(), ()):
            call.interrupts[by] = surely or call.interrupts.get(by, False)

    def is_under_way(self) -> bool:
        """Whether a call of the caller that runs is under way."""
        return bool(self._memory.calls.get(self._world.get_ident()))
