from contract_of_phases import Phased  # error: Q053 `Phased`
from quiesce.spec import Machine, Nat, Uses


class Upper(Machine):
    refs: Nat = 0
    lower: Uses[Phased]
