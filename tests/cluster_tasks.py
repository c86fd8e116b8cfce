"""What the workers of a cluster do in tests: functions in a module that they can import."""

from __future__ import annotations

import os
import signal
import time


def square(number: int) -> int:
    """Take long enough that a worker can be killed in the middle."""
    time.sleep(0.05)
    return number * number


def crash_at_seven(number: int) -> int:
    """End the process that does number 7."""
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
