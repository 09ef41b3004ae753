"""Calls of both kinds: how they are refused, enter the steps they wait for, take outcomes of work and leave it."""

from collections.abc import Callable, Mapping, Set
from typing import Any, ClassVar, TypeVar

from ._fitting import refuse_work
from ._moments import History, Moment, Rules, Step
from ._pending import Activity, Awaited, Call, Key, Member, Ticket, WrongMember, take_outcome
from ._refusal import Refusal
from .core import NotEnabled, Refused

M = TypeVar("M", bound=Moment)


class Works(History[M]):
    """A lifecycle whose callers do the work that they made due."""

    __slots__ = ()

    awaits: ClassVar[bool]
    """Whether work is written with `async`."""

    def __init__(
        self,
        rules: Rules[M],
        owner: object,
        start: M,
        observe: Callable[[Step], object] | None = None,
        patience: Mapping[str, float] | None = None,
    ) -> None:
        """The work is done by methods of `owner`; `patience` is after how many seconds each timeout comes.

        Raises:
            TypeError: a method cannot do its work as it is written, or the observer cannot observe.
        """
        works = (each for found in rules.follows.values() for each in found if isinstance(each, Activity))
        for name, of_members in sorted({(each.name, bool(each.family)) for each in works}):
            refuse_work(owner, name, of_members, self.awaits)
        super().__init__(rules, owner, start, observe, patience)

    # --- who calls ----------------------------------------------------------------------------------------------

    def runner(self) -> object:
        """Whoever calls at this moment, and runs the work that falls to him."""
        raise NotImplementedError

    def is_mine(self, ticket: Ticket) -> bool:
        """Whether the code that runs is a part of this work, so that it cannot wait for its end."""
        raise NotImplementedError

    def runs(self, ticket: Ticket, /) -> bool:
        """Whether work goes on by itself, even if its call is gone."""
        raise NotImplementedError

    # --- refusals -----------------------------------------------------------------------------------------------

    def refused(
        self, error: Refused | NotEnabled | WrongMember, call: Call[Any], arguments: tuple[Any, ...], moment: M
    ) -> Exception:
        """The error for whoever has called: the model has refused this, on a moment that nobody else sees."""
        error.__traceback__ = None  # its frames hold the moment, and it is kept as the context of what is told
        if isinstance(error, WrongMember):
            return self.rules.wrong_member(str(error))
        reason = error.error if isinstance(error, Refused) else ""
        given = tuple(each._given_to(moment) if isinstance(each, Member) else each for each in arguments)
        told = Refusal(call.name, reason, call.why.get(reason, ""), given, _counted(self.rules.values(moment)))
        return self.rules.refusals.get(reason, NotEnabled)(told)

    # --- waiting ------------------------------------------------------------------------------------------------

    def awaited(self, call: Call[Any], old: M, new: M, tickets: list[Ticket]) -> Awaited | None:
        """Enter what answers a call if its step is taken."""
        steps = call.until.get(new._action)
        if steps is None:
            return None
        if not any(steps & ticket.activity.ends for ticket in tickets):
            self.refuse_deadlock(old, steps, call.name)
        awaited = Awaited(steps, new._arguments)
        new._pending = {**new._pending, (call.name, awaited): awaited}
        return awaited

    def refuse_deadlock(self, moment: M, steps: Set[str], name: str) -> None:
        """See that who waits for these steps does not wait for himself, nor for somebody who waits for him."""
        asked, waits = set[Ticket](), [steps]
        while waits:
            wanted = waits.pop()
            for ticket in moment._pending.values():
                if isinstance(ticket, Ticket) and ticket not in asked and wanted & ticket.activity.ends:
                    if self.is_mine(ticket):
                        del moment
                        raise self.rules.deadlock(
                            f"{name} would wait for {ticket.activity.name}, which waits for it"
                        ) from None
                    asked.add(ticket)
                    waits.append(ticket.waits_for)

    # --- the end of work ----------------------------------------------------------------------------------------

    def end(self, ticket: Ticket, further: list[Ticket]) -> None:
        """Take the outcome of work that is over, unless it was taken; what becomes due by it is added to `further`.

        Raises:
            TypeError, ValueError: the work gave a wrong answer.
        """
        while ticket.over:
            old = self.now()
            if old._pending.get(ticket.key) is not ticket:
                return
            new = old._copied()
            wrong = take_outcome(new, ticket)
            tickets = self.plan(new, self.runner())
            further.extend(tickets)
            if self.follow(old, new):
                del old, new
                self.announce()
                try:
                    if wrong is not None:
                        raise wrong
                finally:
                    del wrong  # otherwise it holds this frame, and this frame holds it
                return
            del further[len(further) - len(tickets) :]

    def let_go(self, tickets: list[Ticket]) -> None:
        """After an interrupt: take the outcomes of what is over, and leave what has not begun to the next who comes."""
        ended = set[Key]()
        for ticket in tickets:
            # Work that fails and is due again by that is left: otherwise this would have no end.
            if not self.runs(ticket) and ticket.key not in ended:
                if not ticket.begun:
                    ended.add(ticket.key)
                self.end(ticket, tickets)
            ticket.abandoned = True
        self.announce()  # a step may have been taken: who sleeps is told of it twice rather than never

    def renew(self, moment: M, key: Key, left: Ticket, tickets: list[Ticket]) -> None:
        """Take the outcome of work that was left, if it has begun, or else take it over; what is to be run is added."""
        if left.begun:
            self.end(left, tickets)
        new = self.unchanged(moment)
        ticket = Ticket(left.activity, key, self.runner())
        new._pending = {**moment._pending, key: ticket}
        tickets.append(ticket)
        if not self.follow(moment, new):
            tickets.remove(ticket)


def _counted(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a moment, with the number of members in the place of those of a family."""
    return {
        name: f"{len(value)} member{'s' * (len(value) != 1)}" if isinstance(value, dict) else value
        for name, value in values.items()
    }
