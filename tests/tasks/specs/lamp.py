"""A lamp that always comes on, and that may fail to go out."""

from enum import Enum, auto

from quiesce.spec import Machine, activity, call, session, when


class Light(Enum):
    """What is seen of the lamp."""

    OFF = auto()
    COMING = auto()
    ON = auto()
    GOING = auto()


class Lamp(Machine):
    """A lamp for one at a time."""

    light: Light = Light.OFF

    @activity("kindle")
    def kindled(self) -> None:
        """It is bright."""
        when(self.light == Light.COMING)
        self.light = Light.ON

    @activity("douse")
    def doused(self) -> None:
        """It is dark."""
        when(self.light == Light.GOING)
        self.light = Light.OFF

    @activity("douse", fails=True)
    def not_doused(self) -> None:
        """It is as bright as before."""
        when(self.light == Light.GOING)
        self.light = Light.ON

    @call("take", until=[kindled])
    def take_lamp(self) -> None:
        """Somebody wants light."""
        when(self.light == Light.OFF)
        self.light = Light.COMING

    @call("leave", until=[doused, not_doused])
    def leave_lamp(self) -> None:
        """Nobody wants light any more."""
        when(self.light == Light.ON)
        self.light = Light.GOING

    @call("take", fails="TAKEN")
    def take_nothing(self) -> None:
        """Somebody else has it."""
        when(self.light != Light.OFF)

    @call("leave", fails="NOT_TAKEN")
    def leave_nothing(self) -> None:
        """Nobody has it."""
        when(self.light != Light.ON)

    using = session("take", "leave")
