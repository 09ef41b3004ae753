"""A small spec, all of which is proved."""

SPEC = '''
from quiesce.spec import Machine, Nat, always, call, implies, internal, when


class Service(Machine):
    """Counts its users."""

    users: Nat = 0
    on: bool = False

    @call("start")
    def start(self) -> None:
        """A user."""
        self.users += 1
        self.on = True

    @internal
    def stop(self) -> None:
        """The last one leaves."""
        when(self.users == 1)
        self.users = 0
        self.on = False

    @always
    def used_means_on(self) -> bool:
        """Whoever uses it has it."""
        return implies(self.users > 0, self.on)
'''
