from contract import Server  # error: Q050 `Server`
from no_such_contract import Contract  # error: Q050 `Contract`
from quiesce.spec import Machine, Nat, Uses


class Counter(Machine, provides=Server):
    refs: Nat = 0
    lower: Uses[Contract]
