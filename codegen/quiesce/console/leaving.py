"""The end of the program: everything that was put off to it is done, and then the process ends as it stands."""

import atexit
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End this process with an exit code, without giving back each object first.

    The system takes all of it back at once; Python would look at every object, which takes as long as to read a spec.
    What asked to be called at the end is called, and what was written arrives. Where somebody else still counts on the
    usual end, it comes: a thread that goes on, a debugger, a profiler, or a stream that cannot be written to the end.
    """
    if _is_watched() or _has_threads():
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # a program may be started without one
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # Python meets the same error, and says so
    os._exit(code)


def _has_threads() -> bool:
    """Whether there may be other threads than this one."""
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


def _is_watched() -> bool:
    """Whether a debugger or a profiler runs this program, or a person wants to look into it after its end."""
    if sys.gettrace() or sys.getprofile() or sys.flags.inspect or sys.flags.interactive:
        return True
    monitoring = getattr(sys, "monitoring", None)  # since Python 3.12
    return monitoring is not None and any(monitoring.get_tool(tool) is not None for tool in range(6))
