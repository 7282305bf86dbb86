"""Memory objects: sections that the paging file backs, which no name leads to.

A section is as long as its pages, so its last bytes say how long its contents are, when it was made, and a number that
it is known by in other processes. It is written once, when it is sealed. The sealed handle allows reading alone, and
the section's access list is empty, so nobody who gets a handle can make a writable one of it.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time

from mempip_native._drafts import Drafts
from mempip_native.windows import kernel32

if sys.platform != "win32":
    raise ImportError("for Windows only")

_TRAILER = struct.Struct("<8s3Q")  # magic, bytes of contents, nanoseconds since the epoch, identity
_MAGIC = b"mempip\x00\x02"
_INVALID_HANDLE = -1
_READ_ONLY = kernel32.FILE_MAP_READ | kernel32.SECTION_QUERY
_DACL_PRESENT = 0x4

# Handles are multiples of four, as Windows documents, so numbers that are none cannot be taken for handles.
drafts = Drafts(1, 4)


def seal(number: int) -> int:
    """Return the handle of a new section with the contents of a draft, which is gone then. Raises `OSError`."""
    content = drafts.get(number)
    assert content is not None  # an object is sealed once  # noqa: S101
    total = -(-(len(content) + _TRAILER.size) // kernel32.PAGE) * kernel32.PAGE
    writable = kernel32.CreateFileMapping(
        _INVALID_HANDLE, _nobody(), kernel32.PAGE_READWRITE, total >> 32, total & 0xFFFFFFFF, None
    )
    try:
        address = kernel32.MapViewOfFile(writable, kernel32.FILE_MAP_WRITE, 0, 0, 0)
        try:
            if content:
                ctypes.memmove(address, (ctypes.c_char * len(content)).from_buffer(content), len(content))
            trailer = _TRAILER.pack(_MAGIC, len(content), time.time_ns(), int.from_bytes(os.urandom(8), "little"))
            ctypes.memmove(address + total - _TRAILER.size, trailer, _TRAILER.size)
        finally:
            kernel32.UnmapViewOfFile(address)
    except BaseException:
        kernel32.CloseHandle(writable)
        raise
    sealed = kernel32.duplicate(kernel32.THIS_PROCESS, writable, _READ_ONLY, kernel32.DUPLICATE_CLOSE_SOURCE)
    drafts.forget(number)
    return sealed


def close(number: int) -> None:
    """Close a handle, or forget a draft. Raises `OSError` if it is neither."""
    if not drafts.forget(number):
        kernel32.CloseHandle(number)


class View:
    """The contents of an object as this process sees them, for the duration of a ``with`` statement.

    ``address`` and ``size`` say where they are, ``created`` when the object was made, in nanoseconds since the epoch,
    and ``identity`` is what no other object has.
    Raises `OSError` if the number is no object's.
    """

    def __init__(self, number: int) -> None:
        self._draft = drafts.get(number)
        self.created = self.identity = 0
        if self._draft is not None:
            self._held = (ctypes.c_char * len(self._draft)).from_buffer(self._draft)
            self.address, self.size = ctypes.addressof(self._held), len(self._draft)
            return
        self.address = kernel32.MapViewOfFile(number, kernel32.FILE_MAP_READ, 0, 0, 0)
        information = kernel32.MemoryInformation()
        kernel32.VirtualQuery(self.address, ctypes.byref(information), ctypes.sizeof(information))
        last = ctypes.string_at(self.address + information.size - _TRAILER.size, _TRAILER.size)
        magic, self.size, self.created, self.identity = _TRAILER.unpack(last)
        if magic != _MAGIC or self.size > information.size - _TRAILER.size:
            kernel32.UnmapViewOfFile(self.address)
            raise OSError(22, "a section that is none of mempip's")

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, length: int, offset: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer at the end."""
        return ctypes.string_at(self.address + offset, max(0, min(length, self.size - offset)))

    def close(self) -> None:
        """Unmap the object."""
        if self._draft is None:
            kernel32.UnmapViewOfFile(self.address)
        else:
            del self._held


def status(number: int) -> os.stat_result:
    """Return what is known of an object in the form of `os.stat`: its size, and when it was made."""
    with View(number) as view:
        seconds = view.created // 10**9
        times = dict.fromkeys(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), view.created)
        return os.stat_result((0o100444, 0, 0, 1, 0, 0, view.size, seconds, seconds, seconds), times)


def _nobody() -> object:
    """Return the security attributes of an object that nobody may open, but through a handle that exists."""
    access_list = ctypes.create_string_buffer(8)
    kernel32.InitializeAcl(access_list, 8, 2)  # ACL_REVISION
    descriptor = kernel32.SecurityDescriptor(revision=1, control=_DACL_PRESENT)
    descriptor.access_list = ctypes.addressof(access_list)
    attributes = kernel32.SecurityAttributes(ctypes.sizeof(kernel32.SecurityAttributes))
    attributes.descriptor = ctypes.addressof(descriptor)
    attributes.kept = access_list, descriptor
    return ctypes.byref(attributes)
