from q051_cycle import Counter  # error: Q051 `Counter`
from quiesce.spec import Machine, Nat, Uses


class Upper(Machine):
    refs: Nat = 0
    lower: Uses[Counter]
