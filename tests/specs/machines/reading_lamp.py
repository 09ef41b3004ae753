from quiesce.spec import (
    Machine,
    Nat,
    Requirement,
    always,
    call,
    environment,
    implies,
    internal,
    leads_to,
    recoverable,
    step,
    when,
)

R1 = Requirement("R1", "Whoever sits there has light.", "nowhere")


class Lamp(Machine):
    """Is lit while somebody needs it."""

    users: Nat = 0
    lit: bool = False
    wear: Nat = 0

    @call("On", satisfies=R1)
    def on(self, many: Nat) -> None:
        """More users."""
        when(self.users == 0 and many > 0)
        self.users = many
        self.lit = True

    @call("On", fails="IN_USE")
    def in_use(self, many: Nat) -> None:
        """Somebody sits there, or nobody comes."""
        when(self.users > 0 or many == 0)

    @internal
    def off(self) -> None:
        """One leaves."""
        when(self.users > 0)
        self.users -= 1
        self.lit = self.users > 0

    @environment
    def wears(self) -> None:
        """Grows older."""
        self.wear += 1

    @always
    def lit_while_used(self) -> bool:
        """Nobody sits in the dark."""
        return implies(self.users > 0, self.lit)

    @step
    def ages(self, old: "Lamp") -> bool:
        """It is never as new again."""
        return self.wear >= old.wear

    @leads_to(fair=[off])
    def all_leave(self) -> tuple[bool, bool]:
        """Nobody stays for ever."""
        return self.users > 0, self.users == 0

    @recoverable
    def can_be_dark(self) -> bool:
        """All can leave."""
        return self.users == 0

    @always(expect="refuted")
    def never_lit(self) -> bool:
        """Declared false."""
        return not self.lit
