from contract import Service
from quiesce.spec import Machine, call


class Upper(Machine, provides=Service):  # error: Q055 `Service`
    @call("Stop")
    def stop(self) -> None:
        pass
