"""Helpers: what they make, what they raise, and how they may end."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import threading

import pytest

if sys.platform != "linux":
    pytest.skip("for Linux only", allow_module_level=True)

from mempip_native.errors import HelperDied, InvalidElf
from mempip_native.linux import helper
from tests.support.children import in_child


def pipe() -> int:
    reader, writer = os.pipe()
    os.write(writer, b"from the helper")
    return reader


def test_hands_over_a_descriptor_that_children_do_not_inherit() -> None:
    made = helper.descriptor(pipe)
    assert os.read(made, 100) == b"from the helper"
    assert not os.get_inheritable(made)
    os.close(made)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "no room"), InvalidElf("x" * 200_000), KeyboardInterrupt()])
def test_raises_what_was_raised_there(error: BaseException) -> None:
    def fail() -> int:
        raise error

    with pytest.raises(type(error)) as caught:
        helper.descriptor(fail)
    assert str(caught.value) == str(error)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSYS])
def test_says_what_ended_it(number: int) -> None:
    def die() -> int:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
        return 0

    with pytest.raises(HelperDied, match=f"of signal {number}") as caught:
        helper.descriptor(die)
    assert caught.value.signal == number


def test_a_program_that_ignores_its_children() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        os.close(helper.descriptor(pipe))
        with pytest.raises(HelperDied, match=r"^the helper process died$"):
            helper.descriptor(lambda: os._exit(0))
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def test_the_program_s_signal_handlers_do_not_run_in_it() -> None:
    ran = []
    previous = signal.signal(signal.SIGTERM, lambda *_: ran.append(os.getpid()))

    def terminated() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        assert not ran
        return pipe()

    try:
        os.close(helper.descriptor(terminated))
    finally:
        signal.signal(signal.SIGTERM, previous)


def test_an_interrupted_program_leaves_no_helper() -> None:
    def interrupted() -> bool:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            helper.descriptor(lambda: signal.pause() or 0)
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        return True

    assert in_child(interrupted)


def test_a_program_without_room_for_the_descriptor() -> None:
    def lower_the_limit() -> int:
        resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))
        return pipe()

    def exhausted() -> int | None:
        with pytest.raises(OSError, match="Too many open files") as caught:
            helper.descriptor(lower_the_limit)
        return caught.value.errno

    assert in_child(exhausted) == errno.EMFILE
