from quiesce.spec import Family, Machine, Member, Nat, New, call, environment, retire, unchanged, when


class Loan(Member):
    held: bool = False
    books: Nat = 0
    fine: Nat = 0

    def is_held(self) -> bool:
        return self.held


class Desk(Machine):
    day: Nat = 0
    loans: Family[Loan]

    @call("open")
    def open_loan(self, x: New[Loan]) -> None:
        x.held = True

    @call("lend")
    def lend(self, x: Loan) -> None:
        when(x.held)
        x.books += 1

    @call("lend", fails="CLOSED")
    def lend_nothing(self, x: Loan) -> None:
        when(not x.held)

    @call("move")
    def move(self, x: Loan, y: Loan) -> None:
        when(x != y and x.held and y.held and x.books > 0)
        x.books -= 1
        y.books += 1

    @call("move", fails="NO")
    def move_nothing(self, x: Loan, y: Loan) -> None:
        when(not (x != y and x.held and y.held and x.books > 0))

    @environment
    def night(self) -> None:
        self.day += 1
        for x in self.loans:
            if x.books > 0:
                x.fine += 1

    @call("close")
    def close(self, x: Loan) -> None:
        when(x.held)
        retire(x)

    @call("close", fails="CLOSED")
    def close_nothing(self, x: Loan) -> None:
        when(not x.held)

    @unchanged(among=Loan.is_held, unless=[lend, move])
    def what_is_lent(self, x: Loan) -> Nat:
        """A loan keeps its books."""
        return x.books

    @unchanged(among=Loan.is_held, unless=night)
    def fines(self, loan: Loan) -> tuple[Nat, bool]:
        return loan.fine, self.day > 0 or loan.fine > 0

    @unchanged(unless=night)
    def today(self) -> Nat:
        return self.day
