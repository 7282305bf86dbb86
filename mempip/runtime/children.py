"""Child interpreters find the environments of their parent: what is handed over, and how it is taken up.

A *handover* is a memory object that is a zip archive with a ``sitecustomize.py``, named first on ``PYTHONPATH``. A
child of the same Python opens the parent's memory objects by their descriptors, which children inherit, or which it
finds under /proc as long as the parent lives; a child of another Python takes the entry off its path, and goes on. The
user's own ``sitecustomize`` comes after it, as if it were the only one. Nothing here writes a file. Where objects have
no paths, it is done in another way (`mempip.runtime.handover`).
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from _thread import RLock

import mempip_native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from mempip.runtime.environment import Environment
    from mempip_native import Adapter

VARIABLE = "PYTHONPATH"

#: One environment, as a literal: root, adapter, view, table of companions, and of each object its descriptor, device
#: and inode. The last one is that of the tree in the ``mount`` view.
Record = tuple[str, str, str, "dict[str, Any]", "list[tuple[int, int, int]]"]

#: What a child runs before anything else. It must be harmless in every Python, from 2.7 on.
_SITECUSTOMIZE = """\
import sys
entries = {entries!r}
sys.path[:] = [entry for entry in sys.path if entry not in entries]
for entry in entries:
    sys.path_importer_cache.pop(entry, None)
if (sys.version, sys.prefix) == {python!r}:
    try:
        sys.path.extend(home for home in {homes!r} if home not in sys.path)
        from mempip.runtime import children
        children.enter(entries, {handover!r}, {process!r}, {records!r})
    except Exception:
        sys.stderr.write('mempip: the packages of the parent process are not here: %s\\n' % (sys.exc_info()[1],))
del sys.modules['sitecustomize']
import sitecustomize
"""


class _State:
    """What is handed over at present."""

    entries: tuple[str, ...] = ()  # what `publish` put first on PYTHONPATH
    number = -1  # the descriptor of the handover
    kept: tuple[int, ...] = ()  # descriptors that children need
    was_set = False  # whether the user had a PYTHONPATH


_now = _State()
_lock = RLock()


def unchanged() -> RLock:
    """Return the lock to hold while a child is started, or while what it is handed is changed."""
    return _lock


def _after_fork() -> None:
    """Take a new lock: whichever thread of the parent held the other one is not here."""
    global _lock  # noqa: PLW0603 - there is one
    _lock = RLock()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_after_fork)


def publish(environments: Sequence[Environment]) -> None:
    """Let children find `environments`, in this order, and no others from now on.

    Raises `OSError` when the limit on descriptors is reached.
    """
    with unchanged():
        if sys.platform != "linux":
            from mempip.runtime import handover

            handover.publish(environments)
        elif environments:
            _publish(environments)
        else:
            _withdraw()


def _publish(environments: Sequence[Environment]) -> None:
    records = [_record(environment) for environment in environments]
    first = _now.number < 0
    if first:
        _now.was_set = VARIABLE in os.environ
        _now.number = mempip_native.objects.number_for_children(records[0][4][0][0])
    process = mempip_native.objects.process_directory()
    value = without_entries(os.environ.get(VARIABLE, ""))
    _now.entries = (f"/proc/self/fd/{_now.number}", f"{process}/{_now.number}")
    objects = {number for record in records for number, _, _ in record[4]}
    for number in objects:
        os.set_inheritable(number, True)
    _write_handover(environments[0].adapter, process, records)
    _now.kept = tuple(sorted({_now.number, *objects}))
    os.environ[VARIABLE] = with_entries(value)
    if first and sys.platform == "linux":
        from mempip.runtime import processes

        processes.install()


def _write_handover(adapter: Adapter, process: str, records: Sequence[Record]) -> None:
    """Put a new handover under the number of the handover."""
    made = adapter.allocate("mempip-children")
    program = _SITECUSTOMIZE.format(
        entries=_now.entries,
        python=(sys.version, sys.prefix),
        homes=homes(),
        handover=(_now.number, *_identity(made)),
        process=process,
        records=records,
    )
    mempip_native.objects.write(made, _archive("sitecustomize.py", program.encode()))
    made = adapter.seal(made)
    os.dup2(made, _now.number, inheritable=True)
    os.close(made)


def _withdraw() -> None:
    """Take the handover back; PYTHONPATH is what the user made it."""
    if _now.number < 0:
        return
    value = without_entries(os.environ.get(VARIABLE, ""))
    if value or _now.was_set:
        os.environ[VARIABLE] = value
    else:
        os.environ.pop(VARIABLE, None)
    os.close(_now.number)
    _now.entries, _now.number, _now.kept = (), -1, ()
    if sys.platform == "linux":
        from mempip.runtime import processes

        processes.remove()


def kept() -> tuple[int, ...]:
    """Return the descriptors that a child needs, sorted."""
    return _now.kept


def with_entries(value: str) -> str:
    """Return a value of ``PYTHONPATH`` with the handover in front."""
    return os.pathsep.join([*_now.entries, *([value] if value else [])])


def without_entries(value: str) -> str:
    """Return a value of ``PYTHONPATH`` without the handover, if that is in front."""
    known = set(_now.entries)
    words = value.split(os.pathsep)
    while words and words[0] in known:
        del words[0]
    return os.pathsep.join(words)


def has_entries(value: str) -> bool:
    """Return whether the handover is in front of a value of ``PYTHONPATH``."""
    return value.startswith(os.pathsep.join(_now.entries))


def _record(environment: Environment) -> Record:
    companions = environment.companions
    numbers = [*environment.image.descriptors, *companions.descriptors, *environment.view.descriptors()]
    objects = [(number, *_identity(number)) for number in numbers]
    return environment.root, environment.adapter.name, environment.view.name, companions.table, objects


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def homes() -> list[str]:
    """Return the directories that mempip and mempip_native are imported from."""
    ours = os.path.dirname(os.path.dirname(__file__))
    theirs = os.path.dirname(mempip_native.__file__ or "")
    return list(dict.fromkeys(os.path.dirname(os.path.abspath(package)) for package in (ours, theirs)))


def _archive(name: str, content: bytes) -> bytes:
    """Return a zip archive of one stored file (APPNOTE.TXT); zipfile takes longer to import than all of this."""
    crc, size, label = zlib.crc32(content), len(content), name.encode()
    common = struct.pack("<5H3L2H", 20, 0, 0, 0, 0x21, crc, size, size, len(label), 0)
    local = b"PK\3\4" + common + label + content
    central = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2L", 0, 0, 0, 0, 0) + label
    return local + central + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, len(central), len(local), 0)


# --- in the child ------------------------------------------------------------------------------------------


def enter(entries: Iterable[str], handover: tuple[int, int, int], process: str, records: Sequence[Record]) -> None:
    """Make the environments in `records` this process's own, and let its children find them in turn.

    `entries` are what the parent put on PYTHONPATH, `handover` is what they lead to, and `process` is where the
    parent's descriptors are.

    Raises `FileNotFoundError` if an object is neither inherited nor, its process having ended, to be had any more.
    """
    from mempip.runtime.environment import Environment

    _now.entries = tuple(entries)
    value = without_entries(os.environ.get(VARIABLE, ""))
    if value:
        os.environ[VARIABLE] = value
    else:
        os.environ.pop(VARIABLE, None)
    if _is(*handover):
        os.close(handover[0])
    for root, adapter, view, table, objects in reversed(records):  # activating one puts it in front of the others
        trees = objects.pop() if view == "mount" else None
        if trees is not None:
            _restore(*trees, process)
        descriptors = [_obtain(*identity, process) for identity in objects]
        Environment.open(descriptors, adapter, view, root, table).activate()


def _obtain(number: int, device: int, inode: int, process: str) -> int:
    """Return a descriptor of an object: the one that was inherited, or a new one from the parent's."""
    if _is(number, device, inode):
        return number
    descriptor = os.open(f"{process}/{number}", os.O_RDONLY)
    if not _is(descriptor, device, inode):
        os.close(descriptor)
        raise FileNotFoundError("the parent process has closed them, or has gone")
    return descriptor


def _restore(number: int, device: int, inode: int, process: str) -> None:
    """Have a tree under the number that is in its path."""
    descriptor = _obtain(number, device, inode, process)
    if descriptor != number:
        os.dup2(descriptor, number, inheritable=True)
        os.close(descriptor)


def _is(descriptor: int, device: int, inode: int) -> bool:
    try:
        return _identity(descriptor) == (device, inode)
    except OSError:
        return False
