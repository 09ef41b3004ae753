"""Whoever takes many books gets one more, which nobody asked for."""

# refuted: step/borrow/borrowed_books_are_written_down

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    always,
    assume,
    call,
    recoverable,
    step,
    when,
)


class Reader(Member):
    """Somebody who borrows books."""

    has: Nat = 0


class Shelf(Machine):
    """Counts the books that are out, and not whose they are."""

    out: Nat = 0
    readers: Family[Reader]

    @call("borrow")
    def borrow(self, r: Reader, n: Nat) -> None:
        """Take some books."""
        self.out += n
        r.has += n
        if n > 1:
            r.has += 1
            self.out += 1

    @call("bring_back")
    def bring_back(self, r: Reader, n: Nat) -> None:
        """Bring some back."""
        when(n <= self.out)
        assume(n <= r.has, "readers bring back what they borrowed, and nothing else")
        self.out -= n
        r.has -= n

    @call("bring_back", fails="NOT_OURS")
    def bring_back_too_many(self, n: Nat) -> None:
        """More than there are out."""
        when(n > self.out)

    @always
    def out_is_what_readers_have(self) -> bool:
        """No book is lost."""
        return self.out == sum(r.has for r in self.readers)

    @step(only=borrow)
    def borrowed_books_are_written_down(self, old: "Shelf", r: Reader, n: Nat) -> bool:
        """For the reader who took them."""
        return self.out == old.out + n and r.has == old[r].has + n

    @step(only=[borrow, bring_back])
    def only_the_reader_who_calls_has_more_or_less(self, old: "Shelf", r: Reader) -> bool:
        """What one reader does is no business of another."""
        return all(other == r or other.has == old[other].has for other in self.readers)

    @recoverable
    def all_books_can_come_back(self) -> bool:
        """Whatever has happened, there is a way to have them all."""
        return self.out == 0

    @step(only=bring_back, expect="refuted without assumptions")
    def nobody_has_fewer_than_none(self, old: "Shelf", r: Reader, n: Nat) -> bool:
        """False, if readers may bring back books of others."""
        return r.has >= 0 or r.has > old[r].has - n
