"""SIGTERM and Ctrl-C end a command wherever they arrive: also in a callback, where Python swallows what is raised."""

import signal
import subprocess
import sys

import pytest

_LOSES_A_SIGNAL = """
import signal, sys, time
from dialer.cli.signals import Terminated, take_signals

class Collected:
    def __del__(self):
        signal.raise_signal(signal.{name})
        for _ in range(1000):  # here it is raised, and Python only prints it
            pass

take_signals()
try:
    collected = Collected()
    del collected
    print("went on", flush=True)
    time.sleep(30)
except (KeyboardInterrupt, Terminated) as ended:
    print(type(ended).__name__)
"""


@pytest.mark.parametrize(("name", "raised"), [("SIGTERM", "Terminated"), ("SIGINT", "KeyboardInterrupt")])
def test_a_signal_that_a_callback_swallows_comes_again(name: str, raised: str) -> None:
    """The process went on once, a moment, and then ended by what it was sent; no traceback is printed."""
    code = _LOSES_A_SIGNAL.replace("{name}", signal.Signals[name].name)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout.split("\n")[:-1], ended.stderr) == (["went on", raised], "")
