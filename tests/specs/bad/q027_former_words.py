from contract import Service

from quiesce.spec import Machine, Nat


class Counter(Machine):
    refs: Nat = 0
    lower: Lower[Service]  # error: Q027 `Lower[Service]`
