from contract import Server  # error: Q050 `Server`
from no_such_contract import Contract  # error: Q050 `Contract`

from quiesce.spec import Lower, Machine, Nat


class Counter(Machine, offers=Server):
    refs: Nat = 0
    lower: Lower[Contract]
