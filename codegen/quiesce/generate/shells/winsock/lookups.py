"""Questions to the databases of names: each on a thread of its own, since nobody can cut the system's answer short."""

import threading
from collections.abc import Callable
from typing import TypeVar

from .errors import ErrorCode, WinsockError, shortened
from .owner import Owner
from .request import CHANGE, Plan, Steps

T = TypeVar("T")


def look_up(owner: Owner, question: Callable[[], T], wanted: Callable[[], bool]) -> Steps[T]:
    """The answer to `question`, which may take long.

    WSAEINTR as soon as it is not `wanted` any more, or the epoch ends; the thread ends by itself. WSAEINPROGRESS where
    others would have to wait for the answer, WSAENOBUFS if the system grants no thread.
    """
    shift, core, epoch = owner.at_work, owner.desk.core, owner.desk.core.epoch
    if shift.inside:
        raise WinsockError(ErrorCode.WSAEINPROGRESS)
    answers: list[T] = []
    failures: list[BaseException] = []
    waiting = [shift]

    def ask() -> None:
        try:
            answers.append(question())
        except BaseException as failure:
            failures.append(shortened(failure))
        for at_work in tuple(waiting):
            owner.post(owner.request(Plan(now=at_work.changed)))

    try:
        _start(ask)
        while not (answers or failures):
            yield CHANGE
            if core.refs == 0 or core.epoch != epoch or not wanted():
                raise WinsockError(ErrorCode.WSAEINTR)
    finally:
        waiting.clear()
    if failures:
        raise failures.pop()
    return answers.pop()


def _start(job: Callable[[], None]) -> None:
    try:
        threading.Thread(target=job, name="winsock-provider-lookup", daemon=True).start()
    except RuntimeError as none:
        raise WinsockError(ErrorCode.WSAENOBUFS, str(none)) from none
