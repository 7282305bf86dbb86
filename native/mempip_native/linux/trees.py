"""Directory trees in memory: a tmpfs that is mounted nowhere, filled once, read-only as a whole from then on.

A tree is a directory that the kernel knows, so whatever opens paths can read it: code in C, the dynamic linker,
``execve``. It is reached as ``/proc/self/fd/N`` by every process that has its descriptor under the number N.

The kernel's own name for it (``readlink``, /proc/PID/maps) is `PARENT`/NAME, because the tree is a directory of
that name in its tmpfs: a name that says what it is, and that no other file system has.
"""

from __future__ import annotations

import errno
import os
import sys

from mempip_native.errors import AdapterUnavailable
from mempip_native.linux.descriptors import directory as descriptor_directory
from mempip_native.linux.descriptors import keep_reserved, reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mempip_native._adapter import Probe

if sys.platform != "linux":
    raise ImportError("for Linux only")

PARENT = "/mempip"
#: As large as the machine's memory: whoever limits memory does it by control groups.
OPTIONS = {"mode": "0755", "size": "100%", "nr_inodes": "0"}
#: What lifts a refusal.
REMEDY = "Allow user namespaces and mounts (Podman's profile does), or run with CAP_SYS_ADMIN."
_DIRECTORIES = "/proc/self/fd"


def build(name: str, fill: Callable[[int], None]) -> int:
    """Return the descriptor of a new tree called `name` that `fill` has filled through a descriptor of it.

    `fill` runs in a helper process, without a umask. Raises `AdapterUnavailable` if the machine forbids it,
    `HelperDied` if the helper was killed (for lack of memory, most likely), and what `fill` raises.
    """
    from mempip_native.linux import helper, namespaces, syscalls  # noqa: F401 - not in the helper: a thread may import

    descriptor_directory()
    return helper.descriptor(lambda: _make(name, fill))


def _make(name: str, fill: Callable[[int], None]) -> int:
    from mempip_native.linux.syscalls import end_with_parent, make_read_only

    _be_the_first_to_go()
    context, root = _mount()
    end_with_parent()  # only now: entering a user namespace takes it back
    os.umask(0)
    try:
        tree = _make_directory(name, _make_directory(PARENT[1:], root))
    except PermissionError as error:  # Landlock lets the mount pass and refuses what is in it
        raise AdapterUnavailable(f"nothing may be made in a detached tmpfs: {error.strerror}") from error
    fill(tree)
    try:
        make_read_only(context)
    except OSError as error:
        raise AdapterUnavailable(f"a detached tmpfs cannot be made read-only: {error.strerror}") from error
    return tree


def _make_directory(name: str, parent: int) -> int:
    os.mkdir(name, 0o755, dir_fd=parent)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)


def _be_the_first_to_go() -> None:
    """Have this helper killed, and not the program, when memory runs out while a tree is filled."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:  # then the kernel chooses
        pass


def _mount() -> tuple[int, int]:
    """Return context and root of a new tmpfs; without CAP_SYS_ADMIN, this process enters a user namespace for it."""
    from mempip_native.linux.namespaces import enter_user_namespace
    from mempip_native.linux.syscalls import detached_tmpfs_and_context

    try:
        return detached_tmpfs_and_context(OPTIONS)
    except PermissionError as refused:
        try:
            enter_user_namespace()
            return detached_tmpfs_and_context(OPTIONS)
        except OSError as error:
            raise AdapterUnavailable(
                f"a detached tmpfs cannot be made ({refused.strerror}), "
                f"not in a user namespace either ({error.strerror})"
            ) from error
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise  # out of room, which is no refusal
        raise AdapterUnavailable(f"a detached tmpfs cannot be made: {error.strerror}") from error


def place(descriptor: int) -> int:
    """Give the tree in `descriptor`, which is closed, its number: one never used before, which children inherit.

    Raises `OSError` when the limit on descriptors is reached.
    """
    try:
        return reserve(descriptor, inheritable=True)
    finally:
        os.close(descriptor)


def replace(number: int, descriptor: int) -> None:
    """Put the tree in `descriptor`, which is closed, in the place of the one that has `number`."""
    os.dup2(descriptor, number, inheritable=True)
    os.close(descriptor)


def adopt(number: int) -> None:
    """Take over the tree under `number`, which this process inherited. Raises `OSError` if there is none."""
    os.listdir(number)
    keep_reserved(number)
    os.set_inheritable(number, True)


def path(number: int) -> str:
    """Return the path of the tree that has `number`, here and in every process that inherits it."""
    return f"{_DIRECTORIES}/{number}"


def kernel_path(number: int) -> str:
    """Return the kernel's name for the tree, under which nothing can be opened."""
    return os.readlink(path(number))


# --- trying it -------------------------------------------------------------------------------------------


class _Tried:
    name = "mount"

    def remedy(self, step: str) -> str:
        return "Mount /proc in the container." if step == "path" else REMEDY


def probe() -> Probe:
    """Try a tree end to end (mount, fill, read, refuse to change, dlopen, call) without risk to this process."""
    from mempip_native.linux.probe import probe

    return probe(_Tried(), _steps)


def _steps(_: object) -> Iterator[str]:
    from mempip_native.linux.probe import call_library, library_for_this_machine

    yield "path"
    descriptor_directory()
    library = library_for_this_machine()
    content = library or b"no library is known for this machine"

    def fill(directory: int) -> None:
        with open(os.open("file", os.O_WRONLY | os.O_CREAT, 0o444, dir_fd=directory), "wb") as file:
            file.write(content)

    yield "mount"
    root = path(build("probe", fill))
    yield "read"
    with open(f"{root}/file", "rb") as file:
        if file.read() != content:
            raise AdapterUnavailable("a file does not hold what was written")
    yield "change"
    try:
        os.mkdir(f"{root}/new")
    except OSError:
        pass
    else:
        raise AdapterUnavailable("the tree can still be changed")
    if library:
        yield "dlopen"
        call_library(f"{root}/file")
