"""Running part of a test in a forked child: what its dynamic linker learns there, no other test sees."""

from __future__ import annotations

import os
import pickle
import traceback
import warnings
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def in_child(function: Callable[[], T], *, uid: int = 0) -> T:
    """Return what `function` returns in a child process, as user `uid` if given. Failures there fail here."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests may have left threads
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
