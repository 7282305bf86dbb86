"""The Linux adapters, as far as any Linux allows, and their probe. Containers are in platform_tests."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mempip_native
from mempip_native import AdapterUnavailable
from tests.support.children import in_child

if sys.platform != "linux":
    pytest.skip("for Linux", allow_module_level=True)

from mempip_native.linux import descriptors, memfd, probe, probe_library, syscalls, tmpfs, unnamed

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


def refusing(code: int):
    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return refuse


def opened(number: str) -> str:
    """Return what a descriptor of this process refers to."""
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except FileNotFoundError:
        return ""


class TestDescriptors:
    def test_a_number_is_reserved_once(self) -> None:
        reader, writer = os.pipe()
        first = descriptors.reserve(reader)
        os.close(first)
        second = descriptors.reserve(reader)
        assert second > first >= 64
        assert not os.get_inheritable(second)
        for fd in (reader, writer, second):
            os.close(fd)

    def test_no_path_is_ever_made_twice(self) -> None:
        reader, writer = os.pipe()
        paths = [descriptors.unique_path(reader) for _ in range(5000)]
        assert len({str(Path(path)) for path in [*paths, f"/proc/{os.getpid()}/fd/{reader}"]}) == 5001
        assert len(paths[-1]) < 512
        assert os.path.samestat(os.stat(paths[-1]), os.fstat(reader))
        for fd in (reader, writer):
            os.close(fd)

    def test_without_proc(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "readlink", refusing(errno.ENOENT))
        with pytest.raises(AdapterUnavailable, match="/proc is not mounted"):
            descriptors.unique_path(0)

    def test_a_file_that_cannot_be_reopened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "fchmod", refusing(errno.EPERM))
        with pytest.raises(AdapterUnavailable, match="could not be reopened read-only"):
            descriptors.seal_by_mode(0)

    def test_the_base_has_no_place_of_its_own(self) -> None:
        base = descriptors.DescriptorAdapter()
        for attempt in (lambda: base.allocate(""), lambda: base.seal(0), lambda: base.remedy("")):
            with pytest.raises(NotImplementedError):
                attempt()


class TestMemfd:
    def test_the_object_is_named_and_sealed(self) -> None:
        adapter = memfd.Memfd()
        fd = adapter.allocate("pkg/x.so")
        assert "pkg/x.so" in os.readlink(f"/proc/self/fd/{fd}")
        os.write(fd, b"content")
        assert adapter.seal(fd) == fd
        for attempt in (lambda: os.pwrite(fd, b"x", 0), lambda: os.ftruncate(fd, 0), lambda: os.ftruncate(fd, 99)):
            with pytest.raises(PermissionError):
                attempt()
        with pytest.raises(AdapterUnavailable, match="could not be sealed"):
            adapter.seal(fd)
        os.close(fd)

    def test_of_pieces_that_fail_no_object_is_left(self) -> None:
        held = []

        def pieces() -> Iterator[bytes]:
            yield b"a piece"
            held.extend(name for name in os.listdir("/proc/self/fd") if "to be given up" in opened(name))
            raise ValueError("damaged")

        with pytest.raises(ValueError, match="damaged"):
            mempip_native.sealed(memfd.Memfd(), "to be given up", pieces())
        assert len(held) == 1
        assert "to be given up" not in opened(held[0])

    def test_older_kernels(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create, asked = os.memfd_create, []

        def old(name: str, flags: int) -> int:
            asked.append(flags)
            if flags & memfd.MFD_NOEXEC_SEAL:
                refusing(errno.EINVAL)()
            return create(name, flags)

        monkeypatch.setattr(os, "memfd_create", old)
        adapter = memfd.Memfd()
        os.close(adapter.seal(adapter.allocate("x")))
        assert asked == list(memfd.FLAGS)
        monkeypatch.setattr(os, "memfd_create", refusing(errno.EINVAL))
        with pytest.raises(AdapterUnavailable, match="no sealed memfds"):
            adapter.allocate("x")

    @pytest.mark.parametrize("code", [errno.EPERM, errno.EACCES, errno.ENOSYS])
    def test_refusals(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        monkeypatch.setattr(os, "memfd_create", refusing(code))
        with pytest.raises(AdapterUnavailable, match="memfd_create is refused"):
            memfd.Memfd().allocate("x")

    def test_being_out_of_room_is_not_a_refusal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "memfd_create", refusing(errno.EMFILE))
        with pytest.raises(OSError, match="Too many open files"):
            memfd.Memfd().allocate("x")

    @pytest.mark.parametrize("through", ["libc", "number"])
    def test_pythons_without_memfd_create(self, monkeypatch: pytest.MonkeyPatch, through: str) -> None:
        monkeypatch.delattr(os, "memfd_create")
        if through == "number":

            class OldLibc:
                syscall = syscalls._libc.syscall

            monkeypatch.setattr(syscalls, "_libc", OldLibc)
        adapter = memfd.Memfd()
        os.close(adapter.seal(adapter.allocate("x")))
        if through == "number":
            monkeypatch.setattr(syscalls, "MEMFD_CREATE", {})
            with pytest.raises(AdapterUnavailable, match="not implemented"):
                adapter.allocate("x")

    def test_a_system_call_that_fails(self) -> None:
        with pytest.raises(OSError, match=r"Bad address|File name too long|Invalid argument"):
            syscalls.memfd_create(b"x" * 300, 0)

    def test_remedies(self) -> None:
        remedies = {memfd.Memfd().remedy(step) for step in ("allocate", "path", "dlopen")}
        assert len(remedies) == 3


class TestDetachedTmpfs:
    def test_objects_or_a_reason(self) -> None:
        adapter = tmpfs.DetachedTmpfs()
        if not adapter.probe().ok:
            with pytest.raises(AdapterUnavailable):
                adapter.allocate("x")
            return
        fd = adapter.allocate("x")
        os.write(fd, b"content")
        sealed = adapter.seal(fd)
        assert os.pread(sealed, 100, 0) == b"content"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(sealed, b"x")
        os.close(sealed)
        os.close(adapter.allocate("of the same mount"))

    def test_by_a_helper(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def mount() -> str:
            try:
                root = tmpfs._mount_in_user_namespace()
            except AdapterUnavailable as error:
                return str(error)
            return str(os.listdir(root))

        outcome = in_child(mount, uid=0 if os.getuid() else NOBODY)
        assert outcome == "[]" or outcome.startswith("a detached tmpfs cannot be made: ")
        monkeypatch.setattr(syscalls, "detached_tmpfs", refusing(errno.EPERM))
        with pytest.raises(AdapterUnavailable, match="cannot be made: Operation not permitted"):
            tmpfs.mount()

    def test_kernels_without_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(syscalls, "detached_tmpfs", refusing(errno.ENOSYS))
        with pytest.raises(AdapterUnavailable, match="not implemented"):
            tmpfs.mount()

    def test_a_mount_in_which_no_file_may_be_made(self, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
        adapter = tmpfs.DetachedTmpfs()
        adapter._root = os.open(tmp_path, os.O_RDONLY)
        monkeypatch.setattr(os, "open", refusing(errno.EACCES))
        with pytest.raises(AdapterUnavailable, match="no file may be made"):
            adapter.allocate("x")

    def test_remedies(self) -> None:
        assert "/proc" in tmpfs.DetachedTmpfs().remedy("path")
        assert "user namespaces" in tmpfs.DetachedTmpfs().remedy("allocate")


class TestUnnamedFile:
    def test_a_directory_that_the_user_named(self, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
        adapter = unnamed.UnnamedFile(str(tmp_path))
        if not adapter.probe().ok:  # a file system without O_TMPFILE
            with pytest.raises(AdapterUnavailable, match=str(tmp_path)):
                adapter.allocate("x")
            return
        fd = adapter.allocate("x")
        os.write(fd, b"content")
        sealed = adapter.seal(fd)
        assert os.pread(sealed, 100, 0) == b"content"
        assert os.fstat(sealed).st_mode & 0o777 == 0o400
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(sealed, b"x")
        os.close(sealed)
        os.close(adapter.allocate("again"))
        assert os.listdir(tmp_path) == []

    def test_the_environment_names_it(self, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEMPIP_TMPDIR", str(tmp_path / "absent"))
        with pytest.raises(AdapterUnavailable, match="absent: No such file"):
            unnamed.UnnamedFile().allocate("x")

    def test_disks_are_not_written_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("MEMPIP_TMPDIR", raising=False)
        monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
        kinds = {"/dev/shm": "ext4", "/run/user/1": "xfs", "/tmp": ""}
        monkeypatch.setattr(unnamed, "file_system", kinds.__getitem__)
        with pytest.raises(AdapterUnavailable) as caught:
            unnamed.UnnamedFile().allocate("x")
        assert str(caught.value) == "/dev/shm is on a disk (ext4); /run/user/1 is on a disk (xfs)"
        monkeypatch.setattr(unnamed, "file_system", lambda directory: "")
        with pytest.raises(AdapterUnavailable, match="no directory in memory"):
            unnamed.UnnamedFile().allocate("x")

    def test_mounts_that_refuse_code_are_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Flags:
            f_flag = os.ST_NOEXEC

        monkeypatch.delenv("MEMPIP_TMPDIR", raising=False)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setattr(unnamed, "file_system", {"/dev/shm": "tmpfs", "/tmp": "ramfs"}.get)
        monkeypatch.setattr(os, "statvfs", lambda directory: Flags)
        with pytest.raises(AdapterUnavailable) as caught:
            unnamed.UnnamedFile().allocate("x")
        assert str(caught.value) == "/dev/shm is mounted noexec; /tmp is mounted noexec"

    def test_file_systems(self) -> None:
        assert unnamed.file_system("/proc") == "proc"
        assert unnamed.file_system("/absent") == ""

    def test_a_device_that_is_not_in_the_table(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "major", lambda device: 4095)
        assert unnamed.file_system("/proc") == ""

    def test_remedies(self) -> None:
        assert "/proc" in unnamed.UnnamedFile().remedy("path")
        assert "MEMPIP_TMPDIR" in unnamed.UnnamedFile().remedy("allocate")


class Memory(memfd.Memfd):
    """A memfd whose ways can be changed, one at a time."""

    name = "memory"

    def remedy(self, step: str) -> str:
        return f"remedy for {step}"


class TestProbe:
    def test_some_adapter_works(self) -> None:
        outcomes = {adapter.name: adapter.probe() for adapter in mempip_native.adapters()}
        assert list(outcomes) == ["memfd", "tmpfs", "tempfile"]
        assert any(outcome.ok for outcome in outcomes.values())
        for outcome in outcomes.values():
            assert outcome.ok != bool(outcome.reason)
            assert outcome.ok != bool(outcome.remedy)

    def outcome(self, **ways) -> tuple[str, str]:
        adapter = type("Changed", (Memory,), ways)()
        children = os.listdir("/proc/self/fd")
        found = adapter.probe()
        assert os.listdir("/proc/self/fd") == children
        assert not found.ok
        return found.reason, found.remedy

    def test_a_refusal(self) -> None:
        def allocate(self, name: str) -> int:
            raise AdapterUnavailable("not today")

        assert self.outcome(allocate=allocate) == ("not today", "remedy for allocate")

    def test_a_system_call_that_fails(self) -> None:
        outcome = self.outcome(allocate=lambda self, name: os.open("/absent", os.O_RDONLY))
        assert outcome == ("allocate: No such file or directory", "remedy for allocate")

    def test_a_linker_that_refuses(self) -> None:
        reason, remedy = self.outcome(path=lambda self, fd: "/absent/library.so")
        assert reason.startswith("dlopen: /absent/library.so: ")
        assert remedy == "remedy for dlopen"

    def test_a_fault_in_the_adapter(self) -> None:
        assert self.outcome(seal=lambda self, fd: {}[fd])[0].startswith("seal: KeyError(")

    @pytest.mark.parametrize("number", [signal.SIGSYS, signal.SIGSEGV, signal.SIGKILL])
    def test_a_deadly_signal(self, number: signal.Signals) -> None:
        ending = "hung or was killed" if number == signal.SIGKILL else f"died of {number.name}"
        outcome = self.outcome(seal=lambda self, fd: os.kill(os.getpid(), number))
        assert outcome == (f"seal: the process that tried it {ending}", "remedy for seal")

    def test_an_exit(self) -> None:
        assert self.outcome(seal=lambda self, fd: os._exit(3))[0] == "seal: no answer"

    def test_a_hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(probe, "TIMEOUT", 0.5)
        outcome = self.outcome(seal=lambda self, fd: time.sleep(600))
        assert outcome == ("seal: the process that tried it hung or was killed", "remedy for seal")

    def test_a_program_that_ignores_its_children(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            assert Memory().probe().ok
            reason, _ = self.outcome(seal=lambda self, fd: os._exit(3))
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        assert reason == "seal: the process that tried it died"

    def test_a_seal_that_does_not_hold(self) -> None:
        assert self.outcome(seal=lambda self, fd: fd)[0] == "a sealed object can still be written to"

    def test_a_seal_that_loses_bytes(self) -> None:
        def seal(self, fd: int) -> int:
            os.ftruncate(fd, 10)
            return memfd.Memfd.seal(self, fd)

        assert self.outcome(seal=seal)[0] == "a sealed object does not hold what was written"

    def test_a_wrong_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(probe_library, "ANSWER", 43)
        assert self.outcome()[0] == "a loaded function gives a wrong answer"

    def test_a_machine_unknown_here_is_tried_without_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(probe_library, "MACHINES", {})
        assert Memory().probe().ok

    def test_no_process_to_be_had(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "fork", refusing(errno.EAGAIN))
        found = Memory().probe()
        assert found.reason.startswith("no process could be started to try it: ")
        assert found.remedy == ""

    def test_the_library_is_real(self) -> None:
        assert ctypes.sizeof(ctypes.c_void_p) * 8 in {machine.bits for machine in probe_library.MACHINES.values()}
