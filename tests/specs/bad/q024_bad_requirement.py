from quiesce.spec import Machine, Nat, Requirement, always

R1 = Requirement("R1")  # error: Q024 `Requirement("R1")`
R2 = Requirement("R2", 2, "a page")  # error: Q024 `Requirement("R2", 2, "a page")`
R3 = Requirement(" ", "Blank.", "a page")  # error: Q024 `Requirement(" ", "Blank.", "a page")`
R4 = Requirement("R4", "More.", "a page", page=3)  # error: Q024 `Requirement("R4", "More.", "a page", page=3)`
R5 = Requirement("R5\nR6", "Two lines.", "a page")  # error: Q024 `"R5\nR6"`
R6 = Requirement("R\u202e6", "Turned around.", "a page")  # error: Q024 `"R\u202e6"`


class Counter(Machine):
    refs: Nat = 0

    @always(satisfies=[R1, R2])
    def counts(self) -> bool:
        return self.refs >= 0
