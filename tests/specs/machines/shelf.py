from typing import Annotated

from quiesce.spec import (
    Family,
    Machine,
    Member,
    New,
    Range,
    accepts,
    always,
    assume,
    call,
    calls,
    enabled,
    environment,
    initially,
    refuses,
    retire,
    when,
)


class Book(Member):
    """Is there, or is lent."""

    there: bool = False
    pages: Annotated[int, Range(0, 2)] = 0


class Shelf(Machine):
    """Has room for two books."""

    room: Annotated[int, Range(0, 2)] = 2
    is_open: bool = False

    books: Family[Book]

    @environment
    def unlock(self) -> None:
        when(not self.is_open)
        self.is_open = True

    @environment
    def tear(self, book: Book, n: Annotated[int, Range(1, 2)]) -> None:
        when(book.there and n <= book.pages)
        assume(n == 1, "nobody tears out two")
        book.pages -= n

    @call("put")
    def put(self, book: New[Book]) -> None:
        when(self.is_open and self.room > 0)
        book.there = True
        book.pages = 2
        self.room -= 1

    @call("put", fails="FULL")
    def put_too_many(self) -> None:
        when(self.is_open and self.room == 0)

    @call("put", "take", fails="CLOSED")
    def shut(self) -> None:
        when(not self.is_open)

    @call("take")
    def take(self, book: Book) -> None:
        when(self.is_open and book.there)
        retire(book)

    @call("take", fails="GONE")
    def take_in_vain(self, book: Book) -> None:
        when(self.is_open and not book.there)

    @always
    def pages_are_there(self) -> bool:
        return all(book.there or book.pages == 0 for book in self.books)

    @refuses(calls("put", "take"), "CLOSED")
    def closed(self) -> bool:
        return not self.is_open

    @accepts("take")
    def taken(self, book: Book) -> bool:
        return self.is_open and book.pages > 0

    @refuses("put", "FULL")
    def no_room(self) -> bool:
        return self.is_open and self.room < 2

    @enabled(tear)
    def torn(self, book: Book, n: Annotated[int, Range(1, 2)]) -> bool:
        return book.there and book.pages == 2

    @enabled(tear)
    def torn_often(self, book: Book, n: Annotated[int, Range(1, 2)]) -> bool:
        return book.there and book.pages > 0

    @initially
    def begins_shut(self) -> bool:
        return not self.is_open

    @initially
    def begins_full(self) -> bool:
        return self.room == 0
