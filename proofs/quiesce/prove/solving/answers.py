"""Answers of a solver as data, apart from the solver, so that an answer can be told without loading it."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from quiesce.spec.record import record

STEADY: Mapping[str, bool | int] = MappingProxyType({"auto_config": False, "case_split": 3})
"""Z3 then splits cases in the order of the formula, and what a proof costs hardly depends on the seed."""


class Answer(Enum):
    """The answer of a solver about a set of assertions."""

    UNSATISFIABLE = "unsat"
    SATISFIABLE = "sat"
    UNKNOWN = "unknown"


@record
class Check:
    """An answer and what it cost in units of `rlimit`; `reason` tells why it is unknown.

    It is `lost` if the process that was to find it timed out or died, and `refused` if it could not be asked at all.
    """

    answer: Answer
    rlimit: int
    reason: str = ""
    lost: bool = False
    refused: bool = False

    @property
    def exhausted(self) -> bool:
        """Whether the solver stopped because its budget was spent."""
        return self.answer is Answer.UNKNOWN and (self.reason == "canceled" or "resource" in self.reason)

    @property
    def hopeless(self) -> bool:
        """Whether there is no point in asking once more with the same means."""
        return self.exhausted or self.lost

    @property
    def proved(self) -> bool:
        """Whether the negated goal contradicts the premises."""
        return self.answer is Answer.UNSATISFIABLE


@record
class Model:
    """The assertions can hold together: values of constants, by name, as plain text."""

    values: Mapping[str, str]


@record
class NoModel:
    """The assertions cannot hold together: the solver has proved so."""


@record
class Undecided:
    """The solver does not know. That is no answer, and above all not that there is no model."""

    check: Check


Modelled: TypeAlias = Model | NoModel | Undecided
"""The answer of a solver where values are asked for."""
