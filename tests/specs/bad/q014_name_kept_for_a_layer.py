from contract import Service
from quiesce.spec import Machine, Nat, Uses


class Upper(Machine):
    lower: Uses[Service]
    lower_held: Nat = 0  # error: Q014 `lower_held`
