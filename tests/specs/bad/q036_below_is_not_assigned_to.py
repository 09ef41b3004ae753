from contract import Service
from quiesce.spec import Machine, Uses, internal


class Upper(Machine):
    lower: Uses[Service]

    @internal
    def forget(self) -> None:
        self.lower.held = 0  # error: Q036 `self.lower.held`
        self.lower = 0  # error: Q036 `self.lower`
