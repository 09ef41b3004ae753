from quiesce.spec import Machine, Nat


class Upper(Machine, provides=Nat):  # error: Q055 `Nat`
    held: Nat = 0
