from contract_of_phases import Phased  # error: Q053 `Phased`

from quiesce.spec import Uses, Machine, Nat


class Upper(Machine):
    refs: Nat = 0
    lower: Uses[Phased]
