import enum  # error: Q011 `enum`
from enum import Enum, auto
from os import path  # error: Q011 `path`
from typing import Nat  # error: Q011 `Nat`

from quiesce.spec import Machine
from quiesce.spec import Member as Element  # error: Q011 `Member as Element`
from quiesce.spec import Rang  # error: Q011 `Rang`
from quiesce.spec import *  # error: Q011 `*`


class Colour(enum.Enum):
    RED = auto()


class Thing(Element):
    size: Rang = 0


class Counter(Machine):
    refs: Nat = 0
