from quiesce.spec import Machine, Nat


class Counter(Machine):
    refs: Nat = 0


class Second(Machine):  # error: Q021 `Second`
    refs: Nat = 0
