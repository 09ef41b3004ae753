from contract import Service

from quiesce.spec import Lower, Machine, internal


class Upper(Machine):
    lower: Lower[Service]

    @internal
    def forget(self) -> None:
        self.lower.held = 0  # error: Q036 `self.lower.held`
        self.lower = 0  # error: Q036 `self.lower`
