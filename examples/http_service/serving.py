"""A service that answers requests, and that ends those under way before it closes, but waits only for so long."""

from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    accepts,
    activity,
    always,
    call,
    due,
    pristine,
    recoverable,
    refuses,
    session,
    timeout,
    when,
)


class Phase(Enum):
    """Where the service stands."""

    DOWN = auto()
    OPENING = auto()
    SERVING = auto()
    DRAINING = auto()
    CUTTING = auto()
    CUT_OFF = auto()
    CLOSING = auto()


class Service(Machine):
    """A service that drains its requests when it is stopped."""

    phase: Phase = Phase.DOWN
    requests: Nat = 0

    # --- work ---------------------------------------------------------------------------------------------------

    @activity("listen")
    def listening(self) -> None:
        """The port is open."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.SERVING

    @activity("listen", fails=True)
    def not_listening(self) -> None:
        """The port cannot be had."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @activity("cut_off")
    def was_cut_off(self) -> None:
        """The requests that are still under way were told to end."""
        when(self.phase == Phase.CUTTING)
        if self.requests > 0:
            self.phase = Phase.CUT_OFF
        else:
            self.phase = Phase.CLOSING

    @activity("close")
    def closed(self) -> None:
        """The port is given back."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @timeout("drain_timeout")
    def given_up(self) -> None:
        """The requests that are under way have had their time."""
        when(self.phase == Phase.DRAINING)
        self.phase = Phase.CUTTING

    # --- requests -----------------------------------------------------------------------------------------------

    @call("begin_request")
    def begin_request(self) -> None:
        """Somebody wants an answer."""
        when(self.phase == Phase.SERVING)
        self.requests += 1

    @call("begin_request", fails="NOT_SERVING")
    def begin_too_late(self) -> None:
        """The service takes no requests now."""
        when(self.phase != Phase.SERVING)

    @call("end_request")
    def end_request(self) -> None:
        """The answer was sent, or there is none."""
        when(self.requests > 0)
        self.requests -= 1
        if self.requests == 0 and self.phase in (Phase.DRAINING, Phase.CUT_OFF):
            self.phase = Phase.CLOSING

    @call("end_request", fails="NO_REQUEST")
    def end_nothing(self) -> None:
        """There is no request."""
        when(self.requests == 0)

    # --- the service --------------------------------------------------------------------------------------------

    @call("start")
    def first_start(self) -> None:
        """The service begins."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start", fails="STARTED")
    def further_start(self) -> None:
        """The service has begun already, and is not over."""
        when(self.phase != Phase.DOWN)

    @call("stop", until=[closed], fair=[end_request, given_up, was_cut_off])
    def only_stop(self) -> None:
        """The service ends, and finishes first what is under way."""
        when(self.phase == Phase.SERVING)
        if self.requests > 0:
            self.phase = Phase.DRAINING
        else:
            self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def stop_nothing(self) -> None:
        """The service has not begun, or ends already."""
        when(self.phase != Phase.SERVING)

    running = session("start", "stop")
    answering = session("begin_request", "end_request")

    # --- promises -----------------------------------------------------------------------------------------------

    @always
    def closed_without_requests(self) -> bool:
        """The port is not given back before the last request has ended."""
        return self.requests == 0 or self.phase in (Phase.SERVING, Phase.DRAINING, Phase.CUTTING, Phase.CUT_OFF)

    @always
    def waits_only_for_requests(self) -> bool:
        """Nobody waits for requests that are not there."""
        return self.requests > 0 or self.phase not in (Phase.DRAINING, Phase.CUT_OFF)

    @always
    def one_work_at_a_time(self) -> bool:
        """The port is not opened and closed at the same time."""
        return not (due("listen") and due("close"))

    @accepts("begin_request")
    def requests_are_taken(self) -> bool:
        """While the service serves, it takes every request."""
        return self.phase == Phase.SERVING

    @refuses("begin_request", "NOT_SERVING")
    def no_request_is_taken_too_late(self) -> bool:
        """Unless it serves, the service takes no request, so that a drain has an end."""
        return self.phase != Phase.SERVING

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_always_serve_again(self) -> bool:
        """Whatever happened, the service can be started again."""
        return self.phase == Phase.SERVING
