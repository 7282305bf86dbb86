"""What every adapter promises, shown on each one that works on this machine."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

import mempip_native
from mempip_native import LoadError
from mempip_native.libraries import LibraryLoader
from mempip_native.linux import probe_library
from platform_tests.support.containers import DOCKER_CAPABILITIES, REPOSITORY
from platform_tests.support.libraries import Compiler
from platform_tests.support.tools import require, require_root
from tests.support.children import in_child
from tests.support.libraries import MemorySource

if TYPE_CHECKING:
    from platform_tests.support.containers import Containers

NOBODY = 65534


@pytest.fixture(params=["memfd", "tmpfs", "tempfile"])
def adapter(request: pytest.FixtureRequest) -> mempip_native.Adapter:
    found = mempip_native.get(request.param)
    probe = found.probe()
    require(probe.ok, f"{found.name} does not work here: {probe.reason}. {probe.remedy}")
    return found


@pytest.fixture(scope="session")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    return Compiler(tmp_path_factory.mktemp("libraries"))


def number_library(compiler: Compiler, number: int, **options) -> bytes:
    return compiler.library(f"int number(void) {{ return {number}; }}", **options)


def call(path: str, function: str = "number") -> int:
    return ctypes.CDLL(path)[function]()


def number_of(loader: LibraryLoader, path: str, function: str = "number") -> int:
    return ctypes.CDLL("", handle=loader.dlopen(path))[function]()


class TestObjects:
    def sealed(self, adapter: mempip_native.Adapter, content: bytes) -> int:
        fd = adapter.allocate("object")
        os.write(fd, content)
        return adapter.seal(fd)

    def test_sealed_objects_hold_what_was_written(self, adapter) -> None:
        fd = self.sealed(adapter, b"content")
        assert os.pread(fd, 100, 0) == b"content"

    @pytest.mark.parametrize(
        "attempt",
        [lambda fd: os.pwrite(fd, b"x", 0), lambda fd: os.ftruncate(fd, 0), lambda fd: os.ftruncate(fd, 100)],
        ids=["write", "truncate", "grow"],
    )
    def test_sealed_objects_do_not_change(self, adapter, attempt) -> None:
        fd = self.sealed(adapter, b"content")
        with pytest.raises(OSError, match=r"not permitted|Bad file descriptor|Invalid argument"):
            attempt(fd)
        assert os.pread(fd, 100, 0) == b"content"

    def test_another_user_cannot_write(self, adapter) -> None:
        require_root()
        fd = self.sealed(adapter, b"content")

        def attempt() -> str:
            try:
                os.write(os.open(f"/proc/self/fd/{fd}", os.O_RDWR), b"x")
            except PermissionError:
                return "refused"
            return "written"

        assert in_child(attempt, uid=NOBODY) == "refused"

    def test_a_path_is_never_the_same_twice(self, adapter) -> None:
        paths = set()
        for _ in range(300):
            fd = self.sealed(adapter, b"x")
            paths.update({adapter.path(fd), adapter.path(fd)})
            os.close(fd)
        assert len(paths) == 600

    def test_a_path_is_of_the_process_that_asks(self, adapter) -> None:
        fd = self.sealed(adapter, b"content")

        def read() -> tuple[int, str, bytes]:
            path = adapter.path(fd)
            with open(path, "rb") as file:
                return os.getpid(), path, file.read()

        pid, path, content = in_child(read)
        assert path.startswith(f"/proc/{pid}/fd/")
        assert content == b"content"

    def test_names_may_be_long(self, adapter) -> None:
        os.close(adapter.allocate("directory/" * 100 + "é.so"))


class TestLoading:
    def test_hundreds_of_libraries_in_one_descriptor(self, adapter, compiler: Compiler) -> None:
        sources = [number_library(compiler, number) for number in range(4)]

        def load() -> list[int]:
            answers = []
            for generation in range(200):
                fd = adapter.allocate("number")
                os.write(fd, sources[generation % 4])
                fd = adapter.seal(fd)
                answers.append(call(adapter.path(fd)))
                os.close(fd)
            return answers

        assert in_child(load) == [0, 1, 2, 3] * 50

    def test_a_loaded_library_keeps_its_path_and_no_descriptor(self, adapter, compiler: Compiler) -> None:
        source = MemorySource({"pkg/number.so": number_library(compiler, 7)})

        def load() -> None:
            loader = LibraryLoader(adapter, source)
            adapter.seal(adapter.allocate("so that the adapter has what it keeps"))
            before = len(os.listdir("/proc/self/fd"))
            with loader.load("pkg/number.so") as anchor:
                assert call(anchor.path) == 7
            with loader.load("pkg/number.so") as again:
                assert again.path == anchor.path
                assert call(again.path) == 7
            assert len(os.listdir("/proc/self/fd")) == before
            assert source.inflated == ["pkg/number.so"]
            assert in_child(lambda: call(loader.load("pkg/number.so").path)) == 7, "after a fork"

        in_child(load)

    def test_a_library_that_was_not_loaded_is_prepared_anew(self, adapter, compiler: Compiler) -> None:
        source = MemorySource({"pkg/number.so": number_library(compiler, 7)})

        def load() -> None:
            loader = LibraryLoader(adapter, source)
            loader.load("pkg/number.so").close()
            assert number_of(loader, "pkg/number.so") == 7
            assert len(source.inflated) == 2

        in_child(load)

    def test_an_anchor_of_the_parent_is_good_after_a_fork(self, adapter, compiler: Compiler) -> None:
        source = MemorySource({"pkg/number.so": number_library(compiler, 7)})

        def load() -> None:
            loader = LibraryLoader(adapter, source)
            loader.load("pkg/number.so")
            assert in_child(lambda: loader.load("pkg/number.so").path.split("/")[2] == str(os.getpid()))

        in_child(load)

    def test_descriptors_stay_for_a_debugger(self, adapter, compiler: Compiler, monkeypatch) -> None:
        monkeypatch.setenv("MEMPIP_KEEP_DESCRIPTORS", "1")
        source = MemorySource({"pkg/number.so": number_library(compiler, 7)})

        def load() -> None:
            loader = LibraryLoader(adapter, source)
            loader.dlopen("pkg/number.so")
            with open(loader.load("pkg/number.so").path, "rb") as file:
                assert file.read() == source.files["pkg/number.so"]

        in_child(load)

    def test_objects_of_a_store_are_not_inflated(self, adapter, compiler: Compiler) -> None:
        source = MemorySource({"pkg/number.so": number_library(compiler, 7)})
        fd = adapter.allocate("number")
        os.write(fd, source.files["pkg/number.so"])
        source.shared["pkg/number.so"] = adapter.seal(fd)
        assert in_child(lambda: (number_of(LibraryLoader(adapter, source), "pkg/number.so"), source.inflated)) == (
            7,
            [],
        )


def chain(compiler: Compiler) -> dict[str, bytes]:
    """pkg/ext.so needs libmiddle.so needs libleaf.so; each adds to what it gets."""
    return {
        "pkg/ext.so": compiler.library(
            "int middle(void); int number(void) { return 100 + middle(); }",
            needs=["libmiddle.so"], exports={"libmiddle.so": ["middle"]},
            options=["-Wl,-rpath,$ORIGIN/../pkg.libs"],
        ),
        "pkg.libs/libmiddle.so": compiler.library(
            "int leaf(void); int middle(void) { return 10 + leaf(); }", soname="libmiddle.so",
            needs=["libleaf.so"], exports={"libleaf.so": ["leaf"]},
        ),
        "pkg.libs/libleaf.so": compiler.library("int leaf(void) { return 1; }", soname="libleaf.so"),
    }  # fmt: skip


def cycle(compiler: Compiler, *options: str) -> dict[str, bytes]:
    """libping.so and libpong.so need each other; pkg/ext.so needs libping.so."""
    return {
        "pkg/ext.so": compiler.library(
            "int ping(int); int number(void) { return ping(5); }",
            needs=["libping.so"], exports={"libping.so": ["ping"]}, options=options,
        ),
        "pkg.libs/libping.so": compiler.library(
            "int pong(int); int ping(int n) { return n ? 1 + pong(n - 1) : 0; }", soname="libping.so",
            needs=["libpong.so"], exports={"libpong.so": ["pong"]}, options=options,
        ),
        "pkg.libs/libpong.so": compiler.library(
            "int ping(int); int pong(int n) { return n ? 10 + ping(n - 1) : 0; }", soname="libpong.so",
            needs=["libping.so"], exports={"libping.so": ["ping"]}, options=options,
        ),
    }  # fmt: skip


RPATH = "-Wl,-rpath,$ORIGIN/../pkg.libs"
OLD_RPATH = "-Wl,--disable-new-dtags"


class TestDependencies:
    def test_what_is_needed_comes_first(self, adapter, compiler: Compiler) -> None:
        source = MemorySource(chain(compiler) | {"other/libleaf.so": b"", "pkg/unused.so": b""})
        assert in_child(lambda: (number_of(LibraryLoader(adapter, source), "pkg/ext.so"), source.inflated)) == (
            111, ["pkg/ext.so", "pkg.libs/libmiddle.so", "pkg.libs/libleaf.so"],
        )  # fmt: skip

    @pytest.mark.parametrize("options", [(RPATH,), (RPATH, OLD_RPATH)], ids=["runpath", "rpath"])
    @pytest.mark.parametrize("first", ["pkg/ext.so", "pkg.libs/libping.so", "pkg.libs/libpong.so"])
    def test_libraries_that_need_each_other(self, adapter, compiler: Compiler, options, first: str) -> None:
        source = MemorySource(cycle(compiler, *options))

        def load() -> int:
            loader = LibraryLoader(adapter, source)
            loader.dlopen(first)
            for path in source.files:
                loader.dlopen(path)
            assert len(source.inflated) == 3
            return number_of(loader, "pkg/ext.so")

        assert in_child(load) == 1 + 10 + 1 + 10 + 1

    def test_long_names_need_no_run_path(self, adapter, compiler: Compiler) -> None:
        ping, pong = "libping-0123456789abcdef0123456789.so", "libpong-0123456789abcdef0123456789.so"
        source = MemorySource({
            f"pkg/{ping}": compiler.library(
                "int pong(int); int ping(int n) { return n ? 1 + pong(n - 1) : 0; }", soname=ping,
                needs=[pong], exports={pong: ["pong"]},
            ),
            f"pkg/{pong}": compiler.library(
                "int ping(int); int pong(int n) { return n ? 1 + ping(n - 1) : 0; }"
                "int number(void) { return pong(9); }",
                soname=pong, needs=[ping], exports={ping: ["ping"]},
            ),
        })  # fmt: skip
        assert in_child(lambda: number_of(LibraryLoader(adapter, source), f"pkg/{pong}")) == 9

    def test_a_cycle_that_cannot_be_bound_names_both(self, adapter, compiler: Compiler) -> None:
        source = MemorySource(cycle(compiler))

        def load() -> str:
            with pytest.raises(LoadError) as caught:
                LibraryLoader(adapter, source).dlopen("pkg/ext.so")
            return str(caught.value)

        message = in_child(load)
        assert "pkg.libs/libping.so" in message
        assert "pkg.libs/libpong.so" in message
        assert "run path" in message

    def two_packages(self, compiler: Compiler, *options: str) -> dict[str, bytes]:
        files = {}
        for package, number in (("one", 1), ("two", 2)):
            for module in ("a", "b"):
                files[f"{package}/{module}.so"] = compiler.library(
                    "int leaf(void); int number(void) { return leaf(); }",
                    needs=["libleaf.so"], exports={"libleaf.so": ["leaf"]}, options=options,
                )  # fmt: skip
            files[f"{package}.libs/libleaf.so"] = compiler.library(
                f"int leaf(void) {{ return {number}; }}", soname="libleaf.so"
            )
        return files

    def test_libraries_of_one_soname_in_two_wheels(self, adapter, compiler: Compiler) -> None:
        source = MemorySource(self.two_packages(compiler, RPATH))

        def load() -> dict[str, int]:
            loader = LibraryLoader(adapter, source)
            paths = ["one/a.so", "two/a.so", "one/b.so", "two/b.so"]
            answers = {path: number_of(loader, path) for path in paths}
            assert loader.notes == []
            assert in_child(lambda: {path: number_of(loader, path) for path in paths}) == answers
            return answers

        assert in_child(load) == {"one/a.so": 1, "two/a.so": 2, "one/b.so": 1, "two/b.so": 2}

    def test_equal_libraries_in_two_wheels_are_loaded_once(self, adapter, compiler: Compiler) -> None:
        files = self.two_packages(compiler, RPATH)
        source = MemorySource(files | {"two.libs/libleaf.so": files["one.libs/libleaf.so"]})

        def load() -> list[str]:
            loader = LibraryLoader(adapter, source)
            assert [number_of(loader, path) for path in ("one/a.so", "two/a.so")] == [1, 1]
            return source.inflated

        assert "two.libs/libleaf.so" not in in_child(load)

    def test_a_collision_that_cannot_be_bound_is_as_on_disk_and_noted(self, adapter, compiler: Compiler) -> None:
        source = MemorySource(self.two_packages(compiler))

        def load() -> tuple[int, str]:
            loader = LibraryLoader(adapter, source)
            number_of(loader, "one/a.so")
            return number_of(loader, "two/a.so"), "".join(loader.notes)

        number, note = in_child(load)
        assert number == 1
        assert "two/a.so" in note
        assert "two.libs/libleaf.so" in note

    def test_a_dependency_without_a_soname(self, adapter, compiler: Compiler) -> None:
        files = chain(compiler)
        files["pkg.libs/libmiddle.so"] = compiler.library("int middle(void) { return 2; }")
        source = MemorySource(files)
        assert in_child(lambda: number_of(LibraryLoader(adapter, source), "pkg/ext.so")) == 102

    def test_versioned_symbols_across_a_bound_name(self, adapter, compiler: Compiler, tmp_path) -> None:
        script = tmp_path / "versions"
        script.write_text("LEAF_1 { global: leaf; };")
        versioned = compiler.library(
            "int leaf(void) { return 5; }", soname="libleaf.so", options=[f"-Wl,--version-script={script}"]
        )
        (tmp_path / "libleaf.so").write_bytes(versioned)
        ext = compiler.library(
            "int leaf(void); int number(void) { return leaf(); }", options=[str(tmp_path / "libleaf.so"), RPATH]
        )
        source = MemorySource({
            "pkg/ext.so": ext, "pkg.libs/libleaf.so": versioned,
            "other/libleaf.so": number_library(compiler, 1, soname="libleaf.so"),
        })  # fmt: skip

        def load() -> int:
            loader = LibraryLoader(adapter, source)
            loader.dlopen("other/libleaf.so")
            return number_of(loader, "pkg/ext.so")

        assert in_child(load) == 5

    def test_functions_that_come_from_above(self, adapter, compiler: Compiler) -> None:
        source = MemorySource({
            "pkg/ext.so": compiler.library(
                "int under(void); int above(void) { return 3; } int number(void) { return under(); }",
                needs=["libunder.so"], exports={"libunder.so": ["under"]},
            ),
            "pkg/libunder.so": compiler.library(
                "int above(void); int under(void) { return 4 + above(); }", soname="libunder.so",
                options=["-Wl,-z,lazy"],
            ),
        })  # fmt: skip
        assert in_child(lambda: number_of(LibraryLoader(adapter, source), "pkg/ext.so")) == 7

    def test_a_store_s_object_is_copied_before_it_is_bound(self, adapter, compiler: Compiler) -> None:
        source = MemorySource(cycle(compiler, RPATH))
        for path, content in source.files.items():
            fd = adapter.allocate(path)
            os.write(fd, content)
            source.shared[path] = adapter.seal(fd)

        assert in_child(lambda: number_of(LibraryLoader(adapter, source), "pkg/ext.so")) == 23
        for path, content in source.files.items():
            assert os.pread(source.shared[path], len(content), 0) == content


class TestRefusals:
    def failure(self, adapter, files: dict[str, bytes]) -> tuple[str, str, str]:
        def load() -> tuple[str, str, str]:
            loader = LibraryLoader(adapter, MemorySource(files))
            with pytest.raises(LoadError) as caught:
                loader.dlopen("pkg/ext.so")
            assert not loader._libraries, "a library that failed is forgotten"
            return caught.value.library, caught.value.reason, caught.value.hint

        before = set(os.listdir("/proc/self/fd"))
        answer = in_child(load)
        assert set(os.listdir("/proc/self/fd")) == before
        return answer

    def test_another_machine(self, adapter) -> None:
        machines = set(probe_library.MACHINES) - {os.uname().machine}
        for machine in machines:
            content = probe_library.build(probe_library.MACHINES[machine])
            library, reason, hint = self.failure(adapter, {"pkg/ext.so": content})
            assert library == "pkg/ext.so"
            assert machine.replace("armv7l", "arm") in reason
            assert os.uname().machine in reason
            assert "platform tag" in hint

    def test_a_missing_system_library(self, adapter, compiler: Compiler) -> None:
        library, reason, hint = self.failure(
            adapter, {"pkg/ext.so": number_library(compiler, 1, needs=["libabsent.so.9"])}
        )
        assert library == "pkg/ext.so"
        assert "libabsent.so.9, which is neither bundled" in reason
        assert "operating system" in hint

    def test_a_dependency_that_lacks_a_symbol(self, adapter, compiler: Compiler) -> None:
        files = chain(compiler)
        files["pkg.libs/libleaf.so"] = compiler.library("extern int absent; int leaf(void) { return absent; }",
                                                        soname="libleaf.so")  # fmt: skip
        library, reason, _ = self.failure(adapter, files)
        assert library == "pkg.libs/libleaf.so"
        assert "no loaded library defines absent" in reason

    def test_a_newer_c_library(self, adapter, compiler: Compiler) -> None:
        content = number_library(compiler, 1, options=["-Wl,-z,now"])
        printing = compiler.library(
            '#include <stdlib.h>\nint number(void) { return atoi("3"); }', options=["-Wl,-z,now", "-lc"]
        )
        assert b"GLIBC_2." in printing
        assert content
        found = printing[printing.index(b"GLIBC_2.") :].partition(b"\0")[0]
        newer = printing.replace(found, b"GLIBC_9" + found[7:])
        patched = newer.replace(elf_hash(found), elf_hash(b"GLIBC_9" + found[7:]))
        _, reason, hint = self.failure(adapter, {"pkg/ext.so": patched})
        assert "it needs GLIBC_9" in reason
        assert os.confstr("CS_GNU_LIBC_VERSION").split()[1] in reason
        assert "older version of the package" in hint

    @pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF" + bytes(100)])
    def test_no_library_at_all(self, adapter, content: bytes) -> None:
        library, _, hint = self.failure(adapter, {"pkg/ext.so": content})
        assert library == "pkg/ext.so"
        assert hint == "The wheel is broken; choose another version of it."


def elf_hash(name: bytes) -> bytes:
    """The System V hash, by which glibc compares version names."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value.to_bytes(4, "little")


PROBES = """
import mempip_native
for adapter in mempip_native.adapters():
    probe = adapter.probe()
    print(probe.adapter, "ok" if probe.ok else probe.reason, probe.remedy, sep="|")
"""


class TestContainers:
    """The rights that containers give and withhold, and what each adapter says to that."""

    def probes(self, container: Containers, **options) -> dict[str, tuple[str, str]]:
        done = container.python(PROBES, **options)
        assert done.returncode == 0, done.stderr
        rows = (line.split("|") for line in done.stdout.splitlines())
        return {name: (outcome, remedy) for name, outcome, remedy in rows}

    def test_the_container_is_what_it_claims_to_be(self, container: Containers) -> None:
        code = """
import errno, os
print(os.getuid(), os.listdir("/proc") != [], os.path.exists("/dev/shm"))
status = dict(line.split(":\\t") for line in open("/proc/self/status") if ":\\t" in line)
print(int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"].strip(), status["Seccomp"].strip())
for directory in ("/", "/tmp", "/usr", "/dev"):
    try:
        open(directory + "/file", "w")
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
        done = container.python(code)
        assert done.stdout.split() == ["65534", "True", "False", "0", "0", "1", "2", *["EROFS"] * 3, "EACCES"], done

    def test_its_memory_is_limited(self, container: Containers) -> None:
        code = "import sys; content = b'x' * (int(sys.argv[1]) << 20); print(len(content))"
        done = container.run([sys.executable, "-c", code, "20"], memory=64 << 20)
        assert done.stdout == f"{20 << 20}\n", done
        done = container.run([sys.executable, "-c", code, "200"], memory=64 << 20)
        assert (done.returncode, done.stdout) == (128 + signal.SIGKILL, ""), done

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"shm": "noexec"},
            {"uid": 0, "capabilities": DOCKER_CAPABILITIES},
            {"uid": 0},
            {"memfd_noexec": 1},
            {"memfd_noexec": 2},
        ],
        ids=["nobody", "shm", "root", "root without capabilities", "noexec 1", "noexec 2"],
    )
    def test_docker_s_profile_leaves_memfd(self, container: Containers, options) -> None:
        probes = self.probes(container, **options)
        assert probes["memfd"][0] == "ok"
        assert "Operation not permitted" in probes["tmpfs"][0]
        assert "CAP_SYS_ADMIN" in probes["tmpfs"][1]
        assert probes["tempfile"][0] != "ok"
        assert "MEMPIP_TMPDIR" in probes["tempfile"][1]
        assert ("/dev/shm is mounted noexec" in probes["tempfile"][0]) == ("shm" in options)

    def test_docker_s_profile_with_an_executable_dev_shm(self, container: Containers) -> None:
        probes = self.probes(container, shm="exec", deny=["memfd_create"])
        assert probes["memfd"][0] == "memfd_create is refused: Operation not permitted"
        assert "--security-opt seccomp=" in probes["memfd"][1]
        assert probes["tempfile"][0] == "ok"

    @pytest.mark.parametrize("options", [{}, {"uid": 0, "capabilities": DOCKER_CAPABILITIES}], ids=["nobody", "root"])
    def test_podman_s_profile_leaves_tmpfs_too(self, container: Containers, options) -> None:
        probes = self.probes(container, profile="podman", deny=["memfd_create"], **options)
        assert probes["memfd"][0] != "ok"
        assert probes["tmpfs"][0] == "ok"

    def test_nothing_is_left(self, container: Containers) -> None:
        code = (
            "import mempip_native\ntry: mempip_native.select()\nexcept mempip_native.AdapterUnavailable as e: print(e)"
        )
        done = container.python(code, deny=["memfd_create"])
        for name in ("memfd: ", "tmpfs: ", "tempfile: "):
            assert name in done.stdout

    def test_without_proc_there_is_no_path(self, container: Containers) -> None:
        for outcome, remedy in self.probes(container, proc=False, shm="exec").values():
            assert outcome.startswith("/proc is not mounted")
            assert remedy == "Mount /proc in the container."

    def test_a_directory_that_the_user_named(self, container: Containers, tmp_path) -> None:
        probes = self.probes(container, env={"MEMPIP_TMPDIR": "/tmp"}, readonly=False, uid=0)
        assert probes["tempfile"][0] == "ok"

    def test_libraries_load_without_any_rights(self, container: Containers, compiler: Compiler, tmp_path) -> None:
        files = chain(compiler) | {f"two/{path}": content for path, content in cycle(compiler, RPATH).items()}
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        tmp_path.chmod(0o755)
        program = f"""
import pathlib, sys
sys.path.insert(0, {str(REPOSITORY)!r})
import mempip_native
from tests.support.libraries import MemorySource
from platform_tests.test_adapters import LibraryLoader, number_of
root = pathlib.Path({str(tmp_path)!r})
for top in (root, root / "two"):
    source = MemorySource({{str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*.so")}})
    print(number_of(LibraryLoader(mempip_native.select(), source), "pkg/ext.so"))
"""
        done = container.python(program, binds=[tmp_path])
        assert done.stdout.split() == ["111", "23"], done.stderr
