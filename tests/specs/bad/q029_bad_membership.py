from quiesce.spec import Family, Machine, Member, Nat


class Homeless(Member):  # error: Q029 `Homeless`
    size: Nat = 0


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    things: Family[Thing]
    others: Family[Thing]  # error: Q029 `others`
