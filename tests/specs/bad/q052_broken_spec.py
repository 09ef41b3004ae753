from q012_unknown_name import Counter  # error: Q052 `Counter`
from quiesce.spec import Machine, Nat, Uses


class Upper(Machine):
    refs: Nat = 0
    lower: Uses[Counter]
