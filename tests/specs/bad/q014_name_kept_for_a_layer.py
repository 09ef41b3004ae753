from contract import Service

from quiesce.spec import Lower, Machine, Nat


class Upper(Machine):
    lower: Lower[Service]
    lower_held: Nat = 0  # error: Q014 `lower_held`
