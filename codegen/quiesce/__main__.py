"""The program: `python -m quiesce`, and what the command `quiesce` calls.

Next to nothing is imported before somebody is there who deals with Ctrl-C, or with what keeps a module from being read.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where files of strangers may be called like modules

_A_MOMENT = 0.02
"""Seconds after which an interrupt that came where it was dropped comes again."""


def main() -> None:
    """Obey the command line of this process, and end it with the exit code: see `quiesce --help`."""
    try:
        import signal  # noqa: PLC0415 -- may be interrupted, like all that it loads

        _heed_interrupts()
        try:
            from quiesce.cli import main as obeyed  # noqa: PLC0415 -- may be interrupted

            obeyed()
        finally:  # whatever was asked for is done, or given up; what is left to do takes a moment
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        print("interrupted; nothing was left half-written", file=sys.stderr)
        sys.exit(130)
    except OSError as error:  # cli answers for its own: this one kept it from being loaded
        print(f"error: quiesce cannot be loaded: {error}", file=sys.stderr)
        sys.exit(2)


def _heed_interrupts() -> None:
    """Have Ctrl-C end the program wherever it comes, and no library complain of what it was interrupted in.

    Python drops an exception in a callback that nobody waits for, as those of imports and of deleted objects are.
    """
    import signal  # noqa: PLC0415

    pressed = False

    def press(*_: object) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    def drop(dropped: "sys.UnraisableHookArgs") -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            from threading import Timer  # noqa: PLC0415 -- hardly ever needed

            again = Timer(_A_MOMENT, signal.raise_signal, [signal.SIGINT])  # when the callback is over
            again.daemon = True
            again.start()
        elif not pressed:
            sys.__unraisablehook__(dropped)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as in the background
        signal.signal(signal.SIGINT, press)
        sys.unraisablehook = drop


if __name__ == "__main__":
    main()
