"""A forked helper that makes a descriptor, passes it back and ends: for what must not be done in this process.

The helper may enter namespaces, which takes a process of one thread, and may be killed for the memory it uses.
"""

from __future__ import annotations

import errno
import os
import signal
import sys

from mempip_native.errors import AdapterUnavailable, HelperDied
from mempip_native.linux.probe import fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

if sys.platform != "linux":
    raise ImportError("for Linux only")


def descriptor(make: Callable[[], int]) -> int:
    """Return the descriptor that `make` returns in a child process, which has ended by then.

    Raises what `make` raises there, `HelperDied` if the process was killed, `AdapterUnavailable` if there can be none,
    and `OSError` (EMFILE) if this process has no room for the descriptor.
    """
    import array
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            child = fork()
        except OSError as error:
            raise AdapterUnavailable(f"no helper process can be started: {error.strerror}") from error
        if child == 0:
            try:
                ours.close()
                _serve(make, theirs)
            finally:
                os._exit(0)
        theirs.close()
        status = 0
        try:
            room = socket.CMSG_SPACE(array.array("i").itemsize)
            answer, control, flags, _ = ours.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
            failure = b"" if control else b"".join(iter(lambda: ours.recv(65536), b""))
        except BaseException:  # such as Ctrl+C
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            try:
                status = os.waitpid(child, 0)[1]
            except ChildProcessError:  # the program ignores SIGCHLD
                pass
    if control:
        return int(array.array("i", control[0][2])[0])
    if failure:
        import pickle

        raise pickle.loads(failure)  # noqa: S301 - what a process of our own wrote
    if answer and flags & socket.MSG_CTRUNC:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    raise HelperDied(-os.waitstatus_to_exitcode(status))


def _serve(make: Callable[[], int], connection: socket.socket) -> None:
    import array
    import socket

    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # the program's handlers are not for here
    try:
        made = make()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent raises it
        import pickle

        connection.sendall(b"!" + pickle.dumps(error))
    else:
        connection.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [made]))])
