"""Signals to end, in the processes of the server: each of its workers heeds one exactly once."""

import os
import signal
import threading

ENDS = (signal.SIGTERM, signal.SIGINT)


def heed_in_workers() -> None:
    """From now on, a process that this one forks heeds a signal to end exactly once, whoever else gets it and whatever
    it is just doing.

    Otherwise it would forget one that comes before its first instruction, pass over one that comes while it starts, as
    the server itself may, and stand still if two come at once, as from Ctrl-C in a terminal: the server library's
    handler waits for a lock that the one it interrupts holds. So the signals are held for the fork, and stay so in the
    worker's threads, but for the one that waits for them.
    """
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_watch)


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def _watch() -> None:
    for number in ENDS:
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_when_told, daemon=True).start()


def _end_when_told() -> None:
    handler = signal.getsignal(signal.sigwait(ENDS))
    if callable(handler):  # the server library's own: it finishes what was begun
        handler(signal.SIGTERM, None)
    else:
        os._exit(0)
