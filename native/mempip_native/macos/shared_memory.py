"""Memory objects: POSIX shared memory whose name is taken away at once.

What XNU does with such objects decides how they are made. They can be mapped, not read or written; they get a size
once, rounded up to pages, so the last bytes say how long the contents are and when they were made; and a descriptor
that was opened for reading can never be used to write, nor can a mapping of it be made writable. So an object is
made when it is sealed, and filled, under a name that is opened once more, for reading, and removed before anything is
in it.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import time

from mempip_native._drafts import Drafts

if sys.platform == "win32":
    raise ImportError("for POSIX only")

# multiprocessing.shared_memory's. By ctypes it cannot be called on arm64: its last argument is variadic.
_posixshmem = __import__("_posixshmem")

_TRAILER = struct.Struct("<8s3Q")  # magic, bytes of contents, nanoseconds since the epoch, a number of chance
_MAGIC = b"mempip\x00\x02"

# No descriptor is negative, and -1 stands for none.
drafts = Drafts(-2, -1)


def seal(number: int) -> int:
    """Return the descriptor of a new object with the contents of a draft, which is gone then. Raises `OSError`."""
    content = drafts.get(number)
    assert content is not None  # an object is sealed once  # noqa: S101
    writable, sealed = _unnamed()
    try:
        total = -(-(len(content) + _TRAILER.size) // mmap.PAGESIZE) * mmap.PAGESIZE
        os.ftruncate(writable, total)
        with mmap.mmap(writable, total) as memory:
            memory[: len(content)] = content
            memory[-_TRAILER.size :] = _TRAILER.pack(
                _MAGIC, len(content), time.time_ns(), int.from_bytes(os.urandom(8), "little")
            )
    except BaseException:
        os.close(sealed)
        raise
    finally:
        os.close(writable)
    drafts.forget(number)
    return sealed


def _unnamed() -> tuple[int, int]:
    """Return two descriptors of a new, empty object that has no name any more: to write to it, and to read it."""
    name = f"/mempip-{os.urandom(8).hex()}"  # XNU takes 31 bytes
    # Nobody but this descriptor may write, not even this user by the name.
    writable = _posixshmem.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o400)
    try:
        sealed: int = _posixshmem.shm_open(name, os.O_RDONLY, mode=0)
        os.set_inheritable(sealed, False)
    except BaseException:
        os.close(writable)
        raise
    finally:
        _posixshmem.shm_unlink(name)
    return writable, sealed


def close(number: int) -> None:
    """Close a descriptor, or forget a draft. Raises `OSError` if it is neither."""
    if not drafts.forget(number):
        os.close(number)


class View:
    """The contents of an object as this process sees them, for the duration of a ``with`` statement.

    ``contents`` are its bytes, ``created`` is when it was made, in nanoseconds since the epoch, and ``identity`` is a
    number that no other has. Raises `OSError` if the number is no object's.
    """

    def __init__(self, number: int) -> None:
        self.created = self.identity = 0
        self._memory: mmap.mmap | None = None
        content = drafts.get(number)
        if content is not None:
            self.contents = memoryview(content)
            return
        total = os.fstat(number).st_size
        if total < _TRAILER.size:
            raise OSError(22, "a descriptor of none of mempip's objects")
        self._memory = mmap.mmap(number, total, prot=mmap.PROT_READ)
        magic, size, self.created, self.identity = _TRAILER.unpack(self._memory[-_TRAILER.size :])
        if magic != _MAGIC or size > total - _TRAILER.size:
            self._memory.close()
            raise OSError(22, "a descriptor of none of mempip's objects")
        self.contents = memoryview(self._memory)[:size]

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        return len(self.contents)

    def read(self, length: int, offset: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer at the end."""
        return bytes(self.contents[offset : offset + length])

    def close(self) -> None:
        """Unmap the object."""
        self.contents.release()
        if self._memory is not None:
            self._memory.close()


def status(number: int) -> os.stat_result:
    """Return what is known of an object in the form of `os.stat`: its size, whose it is, and when it was made."""
    with View(number) as view:
        size, created = len(view.contents), view.created
    owner = (os.getuid(), os.getgid()) if drafts.get(number) is not None else os.fstat(number)[4:6]
    times = dict.fromkeys(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), created)
    return os.stat_result((0o100444, 0, 0, 1, *owner, size, *3 * [created // 10**9]), times)
