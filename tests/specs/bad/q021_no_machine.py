from enum import Enum, auto  # error: Q021


class Phase(Enum):
    UP = auto()
