"""The rules of a shell in every schedule: each step is one of the model, and each call is answered as it has to be.

The steps are read from the moments that the shell publishes, and each is taken once more by a core of the search's own.
"""

from asyncio import CancelledError
from typing import Any

from .answers import Answers
from .graph import Key
from .memory import Call

PATIENCE = 4.0
"""The seconds after which every timeout of the model comes."""


AGAIN = 1
"""So often more than calls were accepted, the same work or the same timeout is looked at in one run."""


class Failed(Exception):
    """The exception that work raises."""


class Rules(Answers):
    """The rules that each step of those who call a shell has to keep."""

    def _innermost(self) -> Call | None:
        return next(reversed(self._memory.calls.get(self._world.get_ident(), [])), None)

    def _see_again(self, what: object) -> None:
        """Work begins, or the clock has taken a step; end the run if it may have done so for ever.

        That is nothing wrong: there are models in which work, or the time, may start itself anew without any end.
        """
        self._world.goes_on()
        self._again[what] += 1
        if self._again[what] > self._accepted + AGAIN:
            self._world.leave_off()

    # --- steps ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at every step that has happened since the last time."""
        self._world.looks = True
        try:
            self._look()
        finally:
            self._world.looks = False

    def _look(self) -> None:
        memory = self._memory
        for ident, calls in memory.calls.items():
            for call in calls:
                if call.move.timeout and self._world.sleeps_beyond(ident, call.since + call.move.timeout):
                    self._world.fail(f"{call.move} never gives up")
        while memory.moment._after:
            self._world.turn()
            if not self._world.repeats and (wrong := self._difference(memory.moment)):
                self._world.fail(f"a state was changed after it had been published: {wrong}")
            memory.moment = memory.moment._after[0]
            self._step(memory.moment, memory.moment._action, memory.moment._arguments)

    def _step(self, moment: Any, action: str, arguments: tuple[Any, ...]) -> None:
        world, call = self._world, self._innermost()
        if action:
            world.note(f"the step {action}")
            self.seen[action] += 1
        begun = self._replay(action, arguments) if action else []
        if not world.repeats and (wrong := self._difference(moment)):
            world.fail(f"after {action or 'no step'} {wrong}")
        for each in self._under_way():
            if action in each.until and _same_member(each.arguments, arguments):
                each.until, each.answered = (), world.now
        if action in self._model.timeouts.values():
            self._see_timeout(action)
        elif (key := self._ended(action, arguments)) is not None:
            self._see_outcome(key, action, arguments[1:] if self._model.activities[key[0]].of else arguments, begun)
        elif action:
            if call and call.action and call.then:
                call = call.then
            if call is None or call.action or action not in self._model.calls[call.move.call]:
                world.fail(f"{action} is no step of {call.move if call and not call.action else 'any call under way'}")
            else:
                call.action, call.until, call.open = action, self._model.until.get(action, ()), begun
                self._accepted += 1
                world.goes_on()
                if call.then is not None:
                    self._give_back(call, call.then, arguments)
        self._see_what_holds()
        self._see_refusals()

    def _replay(self, action: str, arguments: tuple[Any, ...]) -> list[Key]:
        """Take the step once more, in the model; the work that it makes due."""
        method = next((name for name, actions in self._model.calls.items() if action in actions), action)
        given = [*map(self._known, arguments)]
        before = self._memory.state
        found = before.step(method, *given)
        if found.state is None or found.action != action:
            self._world.fail(f"the step {action} is outside the model, which says {found.action or found.reason}")
            return []
        self._memory.state = found.state
        ended = self._ended(action, arguments)  # it may be due once more: it has to be run again, then
        return [key for key in found.state.due if key not in before.due or key == ended]

    def _give_back(self, begin: Call, end: Call, arguments: tuple[Any, ...]) -> None:
        """The first call of a session is accepted with these arguments; so those of the second are known."""
        made = self._model.made.get(begin.move.call, {})
        asked = [each for place, each in enumerate(arguments) if place not in made]
        created = [each for place, each in enumerate(arguments) if place in made]
        end.arguments = tuple(asked[place] if place >= 0 else created[~place] for place in end.given_back)
        end.given = self._all_known(end.arguments)

    def _ended(self, action: str, arguments: tuple[Any, ...]) -> Key | None:
        """The work of which this action is an outcome."""
        for name, activity in self._model.activities.items():
            if action in (*activity.succeeds, *activity.fails):
                return self._key(name, arguments)
        return None

    def _see_outcome(self, key: Key, action: str, given: tuple[Any, ...], begun: list[Key]) -> None:
        memory, world, call, activity = self._memory, self._world, self._innermost(), self._model.activities[key[0]]
        if key in memory.over:
            memory.left -= {key}
        if key in memory.running:
            world.fail(f"{action} happens while {key[0]} is still running")
        cut_off = world.cut_apart or (call is not None and call.interrupts)
        if key not in memory.over and not (cut_off and action in activity.fails):
            world.fail(f"{action} happens, and {key[0]} was not run")
        end = memory.over.pop(key, KeyboardInterrupt())
        failed = isinstance(end, BaseException)
        if action not in (activity.fails or activity.succeeds if failed else activity.succeeds):
            world.fail(f"{action} happens, and {key[0]} ended with {end!r}")
        if not failed and activity.succeeds[action]:
            answers = end if isinstance(end, tuple) else (end,)
            if given != tuple(answers[place] for place in activity.succeeds[action]):
                world.fail(f"{action} is given {given}, and {key[0]} returned {end}")
        for each in self._under_way():
            if key in each.open:
                each.open.remove(key)
                if each.interrupts and action in activity.fails and key in begun:
                    memory.left = {*memory.left, key}
                each.open += [other for other in begun if other not in memory.left]
                each.failed = each.failed or action in activity.fails

    def _see_timeout(self, action: str) -> None:
        if self._world.now < self._memory.held.get(action, 0.0) + PATIENCE:
            self._world.fail(f"{action} happens too early")
        self._memory.held.pop(action, None)  # from here on, its seconds are counted anew
        self._see_again(action)

    def _see_what_holds(self) -> None:
        for action in self._model.timeouts.values():
            if action not in self._memory.state.timed:
                self._memory.held.pop(action, None)
            else:
                self._memory.held.setdefault(action, self._world.now)

    # --- answers ----------------------------------------------------------------------------------------------------

    def _returned(self, call: Call, answer: object) -> None:
        self.seen[f"{call.move.call} returns"] += 1
        wrong = ""
        if not call.action:
            wrong = "no step of it has happened"
        elif isinstance(answer, str) and answer != call.action:
            wrong = f"its step was {call.action}"
        elif call.open:
            wrong = f"{call.open[0][0]}, which it made due, is not over"
        elif call.until:
            wrong = f"{' or '.join(call.until)} has not happened"
        elif call.error:
            wrong = f"its work has raised {call.error!r}"
        elif any(call.interrupts.values()):
            wrong = "it was interrupted"
        elif self._nothing_is_due_after(call):
            # After a call that waits for its answer, nothing of what it has waited for is still running.
            wrong = "".join(f"the task {task} outlives it" for task in self._world.outliving()[:1])
        if wrong:
            self._world.fail(f"{call.move} returns {answer}, but {wrong}")
        for member in answer if isinstance(answer, tuple) else (answer,):
            self._known(member)

    def _nothing_is_due_after(self, call: Call) -> bool:
        alone = [*self._under_way()] == [call] and not self._world.was_interrupted
        return alone and bool(self._model.until.get(call.action)) and not self._memory.state.due

    def _raised(self, call: Call, error: BaseException) -> None:
        self.seen[f"{call.move.call} raises {type(error).__name__}"] += 1
        wrong = ""
        match error:
            case KeyboardInterrupt():
                wrong = "" if KeyboardInterrupt in call.interrupts else "nobody interrupted it"
            case CancelledError():
                wrong = "" if CancelledError in call.interrupts else "nobody cancelled it"
                if call.open and KeyboardInterrupt not in call.interrupts:
                    wrong = wrong or f"{call.open[0][0]}, which it made due, is not over"
            case _ if any(call.interrupts.values()):
                wrong = "it was interrupted"
            case Failed():
                wrong = "" if error is call.error else f"its work has raised {call.error!r}"
                wrong = wrong or (f"{call.open[0][0]}, which it made due, is not over" if call.open else "")
            case TimeoutError():
                if call.move.timeout is None or self._world.now < call.since + call.move.timeout:
                    wrong = "it is too early"
                elif call.action and (
                    call.answered < call.since + call.move.timeout or not self._model.until.get(call.action)
                ):
                    wrong = f"{call.action} has happened"
            case _ if type(error).__name__ == "WouldDeadlock" and self._memory.running and not call.action:
                wrong = ""
            case _:
                reason = self._model.refusals.get(type(error).__name__)
                if reason not in call.refusals:
                    wrong = f"the model refuses it for {', '.join(call.refusals) or 'no reason'}"
                elif call.action:
                    wrong = f"{call.action} has happened"
        if wrong:
            self._world.fail(f"{call.move} raises {error!r}, but {wrong}")

    def at_rest(self) -> bool:
        """No thread goes on by itself: each has to have ended, or to wait for what the model makes it wait for."""
        self.look()
        memory, world = self._memory, self._world
        waiting = [call for calls in memory.calls.values() for call in calls]
        for call in waiting:
            if call.action and not call.until and not call.open:
                world.fail(f"{call.move} is never answered")
            if not call.action and self._would(call) != "waits":
                world.fail(f"{call.move} waits for ever, and the model would let it go on")
        for key in (*memory.running, *memory.over):
            if not self._waits_for_others(key):
                world.fail(f"deadlock: {key[0]} is never over")
        left_over = [key for key in memory.state.due if key not in memory.running]
        if set(left_over) - (set() if waiting else memory.left) and (waiting or not world.was_interrupted):
            world.fail(f"{left_over[0][0]} is due, and nobody runs it")
        if waiting:
            self.seen["somebody waits"] += 1
        elif left := [*world.left(memory.shell), *(() if memory.held else world.ticking())]:
            world.fail(f"{left[0]} is left behind")
        for action, since in memory.held.items():
            if world.now > since + PATIENCE:
                world.fail(f"{action} never happens")
        return bool(memory.held) or any(call.move.timeout is not None for call in waiting)


def _same_member(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether two steps are for the same member, or one of them for none."""
    first, second = ({each for each in given if hasattr(each, "_family")} for given in (some, others))
    return not first or not second or bool(first & second)
