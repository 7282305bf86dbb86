"""Child interpreters find the environments of their parent: real ones, started in every way that Python has."""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import multiprocessing
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

import mempip_native
from mempip.runtime import children
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mempip.runtime.environment import Environment

if not mempip_native.adapters():
    pytest.skip("mempip has no memory adapter for this system", allow_module_level=True)

NAME = "handed_over"
SCRIPT = "#!/bin/sh\necho script $0 $1\n"
PYTHON_SCRIPT = f"#!python\nimport sys, {NAME}\nprint(sys.argv[1:], {NAME}.answer)\nsys.exit(7)\n"
MODULE = f"import {NAME}; print({NAME}.answer, {NAME}.__file__)"


def wheel() -> tuple[str, bytes]:
    return build_wheel(
        NAME,
        "1.0",
        {
            f"{NAME}/__init__.py": "answer = 42\ndef double(number): return 2 * number\n",
            f"{NAME}/__main__.py": "import sys; print('main', sys.argv[1:])\n",
            f"{NAME}/prefix.py": "import sys; print(sys.prefix, sys.argv[1:])\n",
            f"{NAME}-1.0.data/scripts/a-script": SCRIPT,
            f"{NAME}-1.0.data/scripts/a-python-script": PYTHON_SCRIPT,
        },
    )


@pytest.fixture
def active(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with environment(wheel()) as made:
        made.activate()
        yield made
    assert children.kept() == ()


def python(*arguments: str, **options: Any) -> str:
    """Return what a child interpreter prints on both outputs."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options}
    return subprocess.run([sys.executable, *arguments], check=False, **options).stdout


class TestSubprocess:
    def test_a_string(self, active: Environment) -> None:
        assert python("-c", MODULE) == f"42 {active.root}/{NAME}/__init__.py\n"

    def test_a_module(self, active: Environment) -> None:
        assert python("-m", NAME, "x") == "main ['x']\n"

    def test_a_script(self, active: Environment, tmp_path: Path) -> None:
        (tmp_path / "program.py").write_text(MODULE)
        assert python(str(tmp_path / "program.py")).startswith("42 ")

    def test_a_script_of_the_environment(self, active: Environment) -> None:
        assert python("-O", active.path(f"{NAME}/__main__.py"), "x", "y") == "main ['x', 'y']\n"

    @pytest.mark.parametrize("variables", [{}, {"PYTHONPATH": "/nowhere"}], ids=["none", "a path of its own"])
    def test_with_other_variables(self, active: Environment, variables: dict[str, str]) -> None:
        assert python("-c", MODULE, env=variables).startswith("42 ")

    def test_after_a_change_of_the_path(self, active: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", "/nowhere")
        printed = python("-c", f"{MODULE}; import sys; print('/nowhere' in sys.path)")
        assert printed.startswith("42 ")
        assert printed.endswith("True\n")

    @pytest.mark.parametrize("close_fds", [True, False])
    def test_with_descriptors_or_without(self, active: Environment, close_fds: bool) -> None:
        assert python("-c", MODULE, close_fds=close_fds).startswith("42 ")

    def test_by_way_of_a_shell(self, active: Environment) -> None:
        assert python("-c", f"import os; os.system({sys.executable!r} + ' -m {NAME} deep')") == "main ['deep']\n"
        done = subprocess.run(f"{sys.executable} -m {NAME} x", shell=True, capture_output=True, text=True)
        assert done.stdout == "main ['x']\n"

    def test_grandchildren(self, active: Environment) -> None:
        nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {MODULE!r}], env={{}})"
        assert python("-c", nested).startswith("42 ")

    def test_asyncio(self, active: Environment) -> None:
        async def run() -> bytes:
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", MODULE, stdout=pipe)
            return (await process.communicate())[0]

        assert asyncio.run(run()).startswith(b"42 ")

    def test_isolated_children_are_left_alone(self, active: Environment) -> None:
        assert "ModuleNotFoundError" in python("-I", "-c", MODULE)


class TestOs:
    def test_exec(self, active: Environment, capfd: pytest.CaptureFixture[str]) -> None:
        for start in (
            lambda: os.execv(sys.executable, [sys.executable, "-m", NAME, "execv"]),
            lambda: os.execle(sys.executable, sys.executable, "-m", NAME, "execle", {}),
            lambda: os.execvp(sys.executable, [sys.executable, "-m", NAME, "execvp"]),
        ):
            child = os.fork()
            if child == 0:
                start()
                os._exit(99)
            assert os.waitpid(child, 0)[1] == 0
        assert capfd.readouterr().out == "".join(f"main ['{name}']\n" for name in ("execv", "execle", "execvp"))

    def test_spawn(self, active: Environment, capfd: pytest.CaptureFixture[str]) -> None:
        assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-m", NAME, "spawn"]) == 0
        for start in (os.posix_spawn, os.posix_spawnp):
            process = start(sys.executable, [sys.executable, "-m", NAME, start.__name__], {})
            assert os.waitpid(process, 0)[1] == 0
        assert capfd.readouterr().out.split("main ")[1:] == ["['spawn']\n", "['posix_spawn']\n", "['posix_spawnp']\n"]

    @pytest.mark.skipif(not hasattr(os, "POSIX_SPAWN_CLOSEFROM"), reason="Python 3.13 has it")
    def test_spawn_that_closes_descriptors(self, active: Environment, capfd: pytest.CaptureFixture[str]) -> None:
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        program = f"import os, {NAME}; print({NAME}.answer, os.path.exists('/proc/self/fd/{writer}'))"
        actions = [(os.POSIX_SPAWN_CLOSEFROM, 3)]
        process = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ, file_actions=actions)
        assert os.waitpid(process, 0)[1] == 0
        assert capfd.readouterr().out == "42 False\n"
        os.close(reader)
        os.close(writer)


def imported(number: int) -> tuple[int, str]:
    import handed_over

    return handed_over.double(number), handed_over.__file__


class TestMultiprocessing:
    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_pools(self, active: Environment, method: str) -> None:
        context = multiprocessing.get_context(method)
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            assert pool.submit(imported, 21).result(60) == (42, f"{active.root}/{NAME}/__init__.py")


class TestHandover:
    def test_the_order_of_environments_is_the_parents(self, active: Environment) -> None:
        with environment(build_wheel("second", "1")) as second:
            second.activate()
            roots = python("-c", "import sys; print(*[path for path in sys.path if '/mempip/' in path])")
            assert roots.split() == [second.root, active.root]
        assert "ModuleNotFoundError" in python("-c", "import second")
        assert python("-c", MODULE).startswith("42 ")

    def test_what_was_uninstalled_is_gone(self, active: Environment) -> None:
        active.uninstall(NAME)
        assert "ModuleNotFoundError" in python("-c", MODULE)

    @pytest.mark.parametrize("value", [None, "", "/one:/two"])
    def test_the_users_path_comes_back(self, value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
        if value is not None:
            monkeypatch.setenv("PYTHONPATH", value)
        with environment(wheel()) as made:
            made.activate()
            assert os.environ["PYTHONPATH"].startswith("/proc/self/fd/")
            assert os.environ["PYTHONPATH"].endswith(value or "")
        assert os.environ.get("PYTHONPATH") == value

    def test_changes_of_the_users_path_stay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", "/one")
        with environment(wheel()) as made:
            made.activate()
            os.environ["PYTHONPATH"] += ":/two"
        assert os.environ["PYTHONPATH"] == "/one:/two"

    def test_an_environment_off_the_path_is_withdrawn_when_it_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
        with environment(wheel()) as made:
            made.activate()
            sys.path.remove(made.root)
            made.close()
            assert "PYTHONPATH" not in os.environ

    def test_children_see_nothing_of_the_handover(self, active: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        program = "import sys; print('sitecustomize' in sys.modules, [path for path in sys.path if '/fd/' in path])"
        printed = python("-c", program)
        assert printed == "False []\n"

    def test_the_users_own_customisation_runs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "sitecustomize.py").write_text(f"import {NAME}; print('site', __name__, __file__)\n")
        (tmp_path / "usercustomize.py").write_text("print('user')\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        with environment(wheel()) as made:
            made.activate()
            printed = python("-c", "import sitecustomize; print(sitecustomize.__file__)")
        assert printed.splitlines()[0] == f"site sitecustomize {tmp_path}/sitecustomize.py"
        assert printed.splitlines()[-1] == f"{tmp_path}/sitecustomize.py"

    def test_a_customisation_that_fails_fails_as_ever(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "sitecustomize.py").write_text("import no_such_module\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        without = python("-c", "print('went on')").replace(repr(tmp_path), "")
        with environment(wheel()) as made:
            made.activate()
            assert python("-c", "print('went on')").splitlines()[-1] == without.splitlines()[-1]

    def test_another_python_is_left_alone(self, active: Environment, tmp_path: Path) -> None:
        subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
        other = str(tmp_path / "venv" / "bin" / "python")
        done = subprocess.run([other, "-c", f"import sys; print(sys.path); {MODULE}"], capture_output=True, text=True)
        assert "/proc/" not in done.stdout
        assert "mempip" not in done.stderr.replace(NAME, "")
        assert "ModuleNotFoundError" in done.stderr

    def test_descriptors_of_the_parent_where_none_were_inherited(self, active: Environment) -> None:
        program = textwrap.dedent(f"""
            import os, sys
            os.closerange(3, 1024)
            os.execv(sys.executable, [sys.executable, "-c", {MODULE!r}])
        """)
        # The inner one inherits nothing, and its parent, whose descriptors it finds, is this process.
        inner = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True)
        assert inner.stdout.startswith("42 "), inner.stderr

    def test_a_parent_that_has_gone(self, active: Environment, tmp_path: Path) -> None:
        late = f"import time; time.sleep(0.5); {MODULE}; import sys; sys.stdout.flush()"
        code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {late!r}])"
        assert python("-c", code).startswith("42 ")

    def test_nothing_left_to_find(self, active: Environment) -> None:
        entries = os.environ["PYTHONPATH"].replace(f"/proc/{os.getpid()}/", "/proc/self/")
        program = "import os, sys; os.closerange(3, 64); os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])"
        assert python("-S", "-c", program, env={**os.environ, "PYTHONPATH": entries}).splitlines()[-1] == "1"

    def test_no_descriptors_pile_up(self, active: Environment) -> None:
        count = "import os; print(len(os.listdir('/proc/self/fd')))"
        nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {count!r}])"
        assert python("-c", count) == python("-c", nested)
        before = os.listdir("/proc/self/fd")
        children.publish([active])
        assert os.listdir("/proc/self/fd") == before


class TestPrograms:
    def test_a_script_with_an_interpreter_of_its_own(self, active: Environment) -> None:
        done = subprocess.run([active.path("bin/a-script"), "x"], capture_output=True, text=True)
        assert done.stdout.startswith("script /proc/self/fd/")
        assert done.stdout.endswith(" x\n")

    def test_a_python_script(self, active: Environment) -> None:
        done = subprocess.run([active.path("bin/a-python-script"), "x"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (7, "['x'] 42\n"), done.stderr

    def test_a_python_script_for_the_python_of_another_environment(self, active: Environment, tmp_path: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
        other = str(tmp_path / "other" / "bin" / "python")
        done = subprocess.run([other, "-u", active.path(f"{NAME}/prefix.py"), "x"], capture_output=True, text=True)
        assert done.stdout == f"{tmp_path / 'other'} ['x']\n", done.stderr
        missing = subprocess.run([other, active.path(f"{NAME}/none.py")], capture_output=True, text=True)
        assert "No such file" in missing.stderr

    def test_in_place_of_this_process(self, active: Environment, capfd: pytest.CaptureFixture[str]) -> None:
        assert os.spawnv(os.P_WAIT, active.path("bin/a-python-script"), ["name", "y"]) == 7
        process = os.posix_spawn(active.path("bin/a-script"), ["name", "z"], {})
        assert os.waitpid(process, 0)[1] == 0
        assert [line.split()[-1] for line in capfd.readouterr().out.splitlines()] == ["42", "z"]

    def test_what_is_no_program(self, active: Environment) -> None:
        for path, code in ((f"{NAME}/__init__.py", errno.EACCES), (NAME, errno.EACCES), ("bin/none", errno.ENOENT)):
            with pytest.raises(OSError, match=r".") as caught:
                subprocess.run([active.path(path)])
            assert (caught.value.errno, caught.value.filename) == (code, active.path(path))

    def test_objects_that_can_be_executed_are_sealed(self, active: Environment) -> None:
        entry = active.image.find("bin/a-script")
        assert entry is not None
        descriptor = active.programs.memory_object("bin/a-script", entry)
        with pytest.raises(OSError, match=r"."):
            os.write(descriptor, b"x")
        os.close(descriptor)
