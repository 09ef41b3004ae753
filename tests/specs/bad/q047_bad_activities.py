from quiesce.spec import Answer, Family, Machine, Member, Nat, New, activity, call, session, when


class Job(Member):
    running: bool = False


class Tool(Member):
    running: bool = False


class Works(Machine):
    busy: bool = False
    jobs: Family[Job]
    tools: Family[Tool]

    @activity("open", fails=True)
    def open_failed(self) -> None:  # error: Q047 `open_failed`
        when(self.busy)
        self.busy = False

    @activity("run")
    def ran(self, j: Job) -> None:
        when(j.running)
        j.running = False

    @activity("run", fails=True)
    def run_failed(self) -> None:  # error: Q047 `run_failed`
        when(self.busy)
        self.busy = False

    @activity("run", fails=True)
    def run_lost(self, k: Job) -> None:  # error: Q047 `k`
        when(k.running)
        k.running = False

    @activity("move")
    def moved(self, j: Job, k: Job) -> None:  # error: Q047 `k`
        when(j.running and not k.running)
        j.running = False

    @activity("make")
    def made(self, j: New[Job]) -> None:  # error: Q047 `j`
        when(self.busy)
        j.running = True

    @activity("tell")
    def counted(self, n: Nat) -> None:  # error: Q047 `n`
        when(self.busy and n > 0)
        self.busy = False

    @activity("tell", fails=True)
    def count_failed(self, n: Answer[Nat]) -> None:  # error: Q047 `n`
        when(self.busy and n == 0)
        self.busy = False

    @activity("carry")
    def carried(self, j: Job) -> None:
        when(j.running and self.busy)
        j.running = False

    @activity("carry", fails=True)
    def dropped(self, j: Job) -> None:
        when(j.running and self.busy)
        j.running = False

    @call("lift", until=[carried])
    def lift(self, j: Job) -> None:  # error: Q047 `lift`
        when(not j.running)
        j.running = True

    @call("load", until=[carried, dropped])
    def load(self, k: Job) -> None:  # error: Q047 `load`
        when(not k.running)
        k.running = True

    @activity("ask")
    def asked(self, good: Answer[bool]) -> None:
        when(self.busy and good)
        self.busy = False

    @activity("ask")
    def not_asked(self, good: Answer[bool]) -> None:  # error: Q047 `good`
        when(self.busy and not good)
        self.busy = False

    @call("tidy", until=[carried, dropped])
    def tidy(self, j: Tool) -> None:  # error: Q047 `tidy`
        when(not j.running)
        j.running = True

    @call("start")
    def start(self, j: New[Job]) -> None:
        j.running = True

    @call("stop")
    def stop(self, k: Job) -> None:
        k.running = False

    @call("halt", fails="NEVER")
    def halt(self) -> None:
        when(True)

    @call("hush")
    def hush(self) -> None:
        self.busy = False

    never_ends = session("start", "stopp")  # error: Q047 `never_ends`
    of_another = session("start", "stop")  # error: Q047 `of_another`
    refused = session("halt", "hush")  # error: Q047 `refused`
    odd = session("start")  # error: Q047 `session("start")`
    one_alone = session("start", "start")  # error: Q047 `one_alone`
