"""A program that uses a device until it was sent so many SIGINTs: `python -m tests.generate.sigint threads 1000 DIR`.

The signal is handled as Python does by itself, also where whoever began the program ignores it, as what runs in the
background does. The system ends a program that goes on for too long. It writes a byte when the next signal may come,
and when all have come, what is wrong with the device.
"""

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

from tests.generate.shells import imported
from tests.generate.test_shell_interrupts import counted, is_sound, use
from tests.tasks.packages import load
from tests.tasks.recorded import check_usable, recorded

TOO_LONG = 300
"""Seconds; a thousand signals take some ten."""


def ready() -> None:
    """Tell that a signal may come."""
    os.write(1, b".")


def in_threads(signals: int, folder: Path) -> str:
    """What is wrong with a device for threads behind the signals."""
    device, hits = imported("device", folder), 0
    camera = counted(device)
    while hits < signals:
        try:
            ready()
            while True:
                use(camera)
        except KeyboardInterrupt:
            hits += 1
    gc.collect()
    return is_sound(device, camera)


def in_tasks(signals: int, folder: Path) -> str:
    """What is wrong with a device for asyncio: each signal ends a program, and the next one uses the same device."""
    camera, hits = recorded(load(folder, "device"))(), 0
    camera.takes = 1

    async def use_twice() -> None:
        async def user() -> None:
            while True:
                async with camera.using():
                    await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            group.create_task(user())
            group.create_task(user())
            ready()

    while hits < signals:
        try:
            asyncio.run(use_twice())
        except KeyboardInterrupt:
            hits += 1
            if left := camera._life.left():
                return f"behind {hits} signals: {left}"
    try:
        asyncio.run(check_usable(camera))
    except AssertionError as wrong:
        return repr(wrong)
    return ""


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "alarm"):
        signal.alarm(TOO_LONG)
    manner, number, place = sys.argv[1:]
    print("\n", {"threads": in_threads, "asyncio": in_tasks}[manner](int(number), Path(place)), sep="", end="")
