"""What becomes of worker processes of the prover in tests; a fresh Python can import it."""

import os
import socket
import threading

from quiesce.prove.solving.answers import Check
from quiesce.prove.solving.parallel import Task, answer


def report_and_hang(port: int, _: Task) -> tuple[Check, ...]:
    """Tell whoever listens, then hang. The connection ends with the process at the latest."""
    with socket.create_connection(("127.0.0.1", port)) as home:
        home.sendall(b"here")
        threading.Event().wait()
    return ()


def suffer(fault: str, about: str, task: Task) -> tuple[Check, ...]:
    """The answer, unless the name of some goal has that text in it."""
    if not any(about in goal for goal in task.text.goals):
        return answer(task)
    match fault:
        case "exits":
            os._exit(3)
        case "raises":
            raise ValueError("broken down")
        case "answers too little":
            return ()
        case "hangs":
            threading.Event().wait()
    return answer(task)
