"""Memory objects of macOS: POSIX shared memory, used only as XNU allows. Linux's is used here, which allows more."""

from __future__ import annotations

import mmap
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if sys.platform == "win32":
    pytest.skip("shared memory of POSIX", allow_module_level=True)

from mempip_native.errors import AdapterUnavailable
from mempip_native.macos import objects, shared_memory
from mempip_native.macos.adapter import SharedMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = b"some bytes, " * 1000


class Xnu:
    """Shared memory that takes a size once, and short names."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.calls: list[str] = []
        self.sized: set[int] = set()
        self.made: set[tuple[int, int]] = set()

    def shm_open(self, name: str, flags: int, mode: int) -> int:
        assert len(name) <= 31
        self.calls.append("open for writing" if flags & os.O_RDWR else "open for reading")
        assert not flags & os.O_RDWR or flags & os.O_EXCL
        descriptor: int = self._real.shm_open(name, flags, mode=mode)
        self.made.add(identity(descriptor))
        return descriptor

    def shm_unlink(self, name: str) -> None:
        self.calls.append("unlink")
        self._real.shm_unlink(name)

    def ftruncate(self, descriptor: int, size: int) -> None:
        self.calls.append("size")
        assert descriptor not in self.sized
        assert size % mmap.PAGESIZE == 0
        self.sized.add(descriptor)
        os_ftruncate(descriptor, size)


os_ftruncate = os.ftruncate


def identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def held() -> set[tuple[int, int]]:
    """Return what this process has open; other threads open and close, too."""
    found = set()
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            found.add(identity(int(name)))
    return found


@pytest.fixture
def xnu(monkeypatch: pytest.MonkeyPatch) -> Xnu:
    found = Xnu(shared_memory._posixshmem)
    monkeypatch.setattr(shared_memory, "_posixshmem", found)
    monkeypatch.setattr(os, "ftruncate", found.ftruncate)
    return found


def sealed_with(content: bytes) -> int:
    adapter = SharedMemory()
    draft = adapter.allocate("test")
    for start in range(0, len(content), 5000):
        objects.write(draft, content[start : start + 5000])
    return adapter.seal(draft)


@pytest.fixture
def sealed() -> Iterator[int]:
    descriptor = sealed_with(CONTENT)
    yield descriptor
    objects.close(descriptor)


class TestMaking:
    def test_nobody_finds_it_by_a_name_before_anything_is_in_it(self, xnu: Xnu) -> None:
        objects.close(sealed_with(CONTENT))
        assert xnu.calls == ["open for writing", "open for reading", "unlink", "size"]

    def test_no_name_and_no_descriptor_is_left_by_a_failure(self, xnu: Xnu, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int, size: int) -> None:
            raise OSError(12, "Cannot allocate memory")

        monkeypatch.setattr(os, "ftruncate", full)
        with pytest.raises(OSError, match="Cannot allocate"):
            sealed_with(CONTENT)
        assert len(xnu.made) == 1
        assert not xnu.made & held()
        assert xnu.calls[-1] == "unlink"

    @pytest.mark.parametrize("size", [0, 1, mmap.PAGESIZE - 24, mmap.PAGESIZE - 23, mmap.PAGESIZE, 3 * mmap.PAGESIZE])
    def test_any_length(self, xnu: Xnu, size: int) -> None:
        descriptor = sealed_with(b"x" * size)
        assert objects.status(descriptor).st_size == size
        assert objects.read_at(descriptor, size + 10, 0) == b"x" * size
        objects.close(descriptor)

    def test_a_refusal_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Sandbox:
            def shm_open(self, name: str, flags: int, mode: int) -> int:
                raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(shared_memory, "_posixshmem", Sandbox())
        with pytest.raises(AdapterUnavailable, match="shared memory is refused"):
            sealed_with(b"")
        outcome = SharedMemory().probe()
        assert (outcome.ok, outcome.adapter) == (False, "shm")
        assert "sandbox" in outcome.remedy

    def test_programs_are_refused(self) -> None:
        with pytest.raises(AdapterUnavailable, match="files only"):
            SharedMemory().allocate("x", executable=True)

    def test_a_draft_can_be_given_up(self) -> None:
        draft = SharedMemory().allocate("x")
        objects.write(draft, b"x")
        assert objects.read_at(draft, 10, 0) == b"x"
        assert objects.status(draft).st_size == 1
        objects.close(draft)
        with pytest.raises(OSError, match="Bad file descriptor"):
            objects.close(draft)


class TestSealed:
    def test_it_works_here(self) -> None:
        assert SharedMemory().probe().ok

    def test_nobody_can_write(self, sealed: int) -> None:
        with pytest.raises(PermissionError):
            objects.write(sealed, b"x")
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(sealed, b"x")
        with pytest.raises(PermissionError):
            mmap.mmap(sealed, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        assert not os.get_inheritable(sealed)

    def test_reading(self, sealed: int) -> None:
        assert objects.read_at(sealed, 20, 12) == CONTENT[12:32]
        assert objects.read_at(sealed, 20, len(CONTENT)) == b""
        status = objects.status(sealed)
        assert (status.st_size, status.st_uid) == (len(CONTENT), os.getuid())
        assert status.st_mtime_ns > 0

    def test_a_stream(self, sealed: int) -> None:
        with objects.reader(sealed) as stream:
            assert (stream.seek(-12, 2), stream.read(), stream.tell()) == (
                len(CONTENT) - 12,
                CONTENT[-12:],
                len(CONTENT),
            )
            assert (stream.seek(3), stream.read(5), stream.seekable()) == (3, CONTENT[3:8], True)
            with pytest.raises(OSError, match="Invalid argument"):
                stream.seek(-1)

    def test_a_stream_holds_its_object(self) -> None:
        descriptor = sealed_with(CONTENT)
        with objects.reader(descriptor) as stream:
            objects.close(descriptor)
            assert stream.read() == CONTENT

    def test_something_else_is_told_apart(self) -> None:
        reader, writer = os.pipe()
        with pytest.raises(OSError, match="none of mempip's"):
            objects.status(reader)
        os.close(reader)
        os.close(writer)
        name = f"/mempip-test-{os.getpid()}"
        descriptor = shared_memory._posixshmem.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode=0o600)
        shared_memory._posixshmem.shm_unlink(name)
        os.ftruncate(descriptor, mmap.PAGESIZE)
        with pytest.raises(OSError, match="none of mempip's"):
            objects.read_at(descriptor, 1, 0)
        os.close(descriptor)


class TestHandingOver:
    @pytest.mark.parametrize("has_flag", [True, False])
    def test_by_descriptor(self, sealed: int, has_flag: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        if not has_flag:
            monkeypatch.delattr(socket, "MSG_CMSG_CLOEXEC", raising=False)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            objects.send(ours, [sealed, sealed])
            received = objects.receive(theirs, 2)
        for descriptor in received:
            assert objects.read_at(descriptor, len(CONTENT), 0) == CONTENT
            assert not os.get_inheritable(descriptor)
            objects.close(descriptor)

    def test_as_many_as_may_be(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import resource

        asked = []
        monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.append(limits))
        for hard in (resource.RLIM_INFINITY, 1 << 20, 500):
            monkeypatch.setattr(resource, "getrlimit", lambda kind, hard=hard: (256, hard))
            objects.raise_limit()
        assert asked == [(10_240, resource.RLIM_INFINITY), (10_240, 1 << 20), (500, 500)]
