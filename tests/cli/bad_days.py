"""Builds that meet one fault each, or are killed, in processes forked from one that has loaded everything.

`python -m tests.cli.bad_days FOLDER` builds a project in FOLDER/warm, and answers with the names of all calls about its
files. Then, for each line of JSON that it reads, it builds the project that the line names: `{"project", "number",
"error"}`. The numbered call fails with that error, or kills the process where the error is null. It answers with the
exit code and with what was said.
"""

import json
import os
import sys
from pathlib import Path

from quiesce.cli import main

from tests.faults import counted, failing, killed


def built(project: Path, number: int, error: int | None) -> None:
    """Build as the first command of a process, and end it with the exit code."""
    os.chdir(project)
    out = os.open(project.with_suffix(".out"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(out, stream)
    with counted(project, killed(number) if error is None else failing(number, error)):
        code = main(["build"])
    os._exit(code)


if __name__ == "__main__":
    warm = Path(sys.argv[1]) / "warm"
    os.chdir(warm)
    with counted(warm, lambda *_: None) as calls:
        main(["build", "-q"])
    print(json.dumps(calls), flush=True)
    for line in sys.stdin:
        given = json.loads(line)
        place = Path(given["project"])
        child = os.fork()
        if not child:
            built(place, given["number"], given["error"])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([code, place.with_suffix(".out").read_text(encoding="utf-8")]), flush=True)
