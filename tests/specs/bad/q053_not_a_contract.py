from contract_of_phases import Phased  # error: Q053 `Phased`

from quiesce.spec import Lower, Machine, Nat


class Upper(Machine):
    refs: Nat = 0
    lower: Lower[Phased]
