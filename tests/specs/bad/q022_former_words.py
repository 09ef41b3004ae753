from contract import Service

from quiesce.spec import Machine, Nat


class Counter(Machine, offers=Service):  # error: Q022 `offers=Service`
    refs: Nat = 0
