"""Running part of a test in a forked child: what the dynamic linker learns there, no other test sees."""

from __future__ import annotations

import os
import pickle
import traceback
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def in_child(function: Callable[[], T], *, uid: int = 0) -> T:
    """Return what `function` returns in a child process, or raise what it raises. With `uid`, as that user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if uid:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            answer = pickle.dumps((True, function()))
        except BaseException:  # noqa: BLE001 - it is raised again by the parent
            answer = pickle.dumps((False, traceback.format_exc()))
        with open(writer, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        content = pipe.read()
    _, status = os.waitpid(child, 0)
    if not content:
        raise AssertionError(f"the child ended with {os.waitstatus_to_exitcode(status)}")
    fine, outcome = pickle.loads(content)
    if not fine:
        raise AssertionError(outcome)
    return outcome
