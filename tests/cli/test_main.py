"""The command: what it prints where, and its exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import mempip
import mempip_native
from mempip.cli import main as cli
from mempip.cli.parser import spell
from mempip.cli.progress import ProgressBar
from mempip.errors import NotInstalled, UsageError
from tests.support.environments import environment
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("forked")


@pytest.fixture
def index() -> Iterator[str]:
    files = {"cli_made/__init__.py": "answer = 42\n", "cli_made/__main__.py": "print('ran')\n"}
    with IndexServer(dict([build_wheel("made", "1.0", files)])) as server:
        yield server.url


def command(*arguments: str, **details: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mempip", *arguments], capture_output=True, text=True, check=False, **details
    )


class TestRun:
    def test_a_program(self, index: str) -> None:
        done = command("run", "-i", index, "made", "--", "-c", "import cli_made; print(cli_made.answer)")
        assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")

    def test_a_module_from_memory(self, index: str) -> None:
        assert command("run", "-i", index, "made", "--", "-m", "cli_made").stdout == "ran\n"

    def test_a_requirement_file(self, index: str, tmp_path: Path) -> None:
        (tmp_path / "reqs.txt").write_text(f"-i {index}\nmade\n")
        program = ["--", "-c", "import cli_made; print(cli_made.answer)"]
        assert command("run", "-r", "reqs.txt", *program, cwd=tmp_path).stdout == "42\n"
        variable = {**os.environ, "PIP_REQUIREMENT": "reqs.txt"}
        assert command("run", *program, cwd=tmp_path, env=variable).stdout == "42\n"

    @pytest.mark.parametrize("separator", [[], ["--"], ["--", "-O"]])
    def test_a_script_that_states_what_it_needs(self, index: str, tmp_path: Path, separator: list[str]) -> None:
        block = "# /// script\n# requires-python = '>=3.10'\n# dependencies = ['made']\n# ///\n"
        (tmp_path / "tool.py").write_text(f"{block}import sys, cli_made\nprint(cli_made.answer, sys.argv)\n")
        done = command("run", "-i", index, *separator, "tool.py", "-q", "--", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "42 ['tool.py', '-q', '--']\n")

    def test_a_script_and_its_arguments(self, index: str, tmp_path: Path) -> None:
        source = f"__requires__ = ['made']\n__index_url__ = {index!r}\nimport sys, cli_made\nprint(sys.argv)\n"
        (tmp_path / "tool.py").write_text(source)
        done = command("run", "-q", "tool.py", "-q", "made", cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "['tool.py', '-q', 'made']\n", "")

    def test_a_script_that_states_nothing_wants_no_installer(self, tmp_path: Path) -> None:
        (tmp_path / "tool.py").write_text("print('ran')\n")
        assert command("run", "--adapter", "none-such", "tool.py", cwd=tmp_path).stdout == "ran\n"

    def test_a_script_that_is_broken(self, tmp_path: Path) -> None:
        (tmp_path / "tool.py").write_text("# /// script\n# dependencies = [\n# ///\nprint('not reached')\n")
        done = command("run", "tool.py", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("ERROR: tool.py, line 2: it is not TOML: ")

    def test_a_script_that_is_not_there(self) -> None:
        done = command("run", "absent.py")
        assert done.returncode == 2
        assert "there is no script 'absent.py'" in done.stderr

    def test_a_notebook_is_for_jupyter(self, tmp_path: Path) -> None:
        (tmp_path / "book.ipynb").write_text("{}")
        done = command("run", "book.ipynb", cwd=tmp_path)
        assert done.returncode == 1
        assert "a notebook is run by Jupyter" in done.stderr

    def test_interpreter_options(self, index: str) -> None:
        program = "import cli_made, sys; print(cli_made.answer, sys.flags.optimize)"
        assert command("run", "-i", index, "made", "--", "-O", "-c", program).stdout == "42 1\n"

    @pytest.mark.parametrize("option", ["-O", "-S", "-I"])
    def test_interpreter_options_where_mempip_is_installed(self, index: str, tmp_path: Path, option: str) -> None:
        packages = tmp_path / "site-packages"
        packages.mkdir()
        for package in (mempip, mempip_native):
            directory = os.path.dirname(package.__file__ or "")
            (packages / os.path.basename(directory)).symlink_to(directory)
        program = (
            f"import subprocess, sys; sys.path.insert(0, {str(packages)!r})\n"
            "from mempip.runtime import launch\n"
            "raise SystemExit(subprocess.run(launch.command(sys.argv[1:2], sys.argv[2:])).returncode)"
        )
        arguments = ["run", "-i", index, "made", "--", "-c", "import cli_made; print(cli_made.answer)"]
        start = [sys.executable, "-c", program, option, *arguments]
        done = subprocess.run(start, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")

    def test_without_standard_error(self, index: str) -> None:
        program = "import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
        run = ["-m", "mempip", "run", "-i", index, "made", "--", "-c", "import cli_made; print(cli_made.answer)"]
        done = subprocess.run([sys.executable, "-c", program, *run], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "42\n")

    def test_the_exit_status_is_the_programs(self, index: str) -> None:
        assert command("run", "-i", index, "made", "--", "-c", "raise SystemExit(9)").returncode == 9

    def test_no_status_but_an_error_when_the_requirement_fails(self, index: str) -> None:
        done = command("run", "-i", index, "absent", "--", "-c", "print('not reached')")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("ERROR: No project named 'absent'")
        assert "\nHINT: Check the spelling" in done.stderr

    def test_what_is_in_memory_can_be_listed_from_inside(self, index: str) -> None:
        done = command("run", "-i", index, "made", "--", "-m", "mempip", "list")
        assert done.stdout == "Package Version\n------- -------\nmade    1.0\n"

    def test_from_python(self, index: str, capfd: pytest.CaptureFixture[str]) -> None:
        assert mempip.run(["made"], ["-m", "cli_made"], index_url=index) == 0
        assert capfd.readouterr().out == "ran\n"


class TestInstall:
    def test_says_what_was_installed(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["install", "-i", index, "made"]) == 0
        out, err = capsys.readouterr()
        assert out == "Successfully installed made-1.0\n"
        assert "mempip run" in err

    def test_quietly(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["install", "-q", "-i", index, "made"]) == 0
        assert capsys.readouterr() == ("", "")

    def test_a_dry_run(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["install", "--dry-run", "-i", index, "made"]) == 0
        assert capsys.readouterr().out == "Would install made-1.0\n"
        assert mempip.list() == []

    def test_what_pip_does_on_a_disk_is_accepted(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        options = ["--no-color", "--break-system-packages", "--root-user-action", "ignore", "--progress-bar", "auto"]
        assert cli.main(["install", "--dry-run", *options, "-i", index, "made"]) == 0
        assert capsys.readouterr().out == "Would install made-1.0\n"

    @pytest.mark.parametrize("option", ["-I", "--ignore-installed", "--force-reinstall"])
    def test_anew(self, index: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        environment(build_wheel("made", "0.9")).activate()
        assert cli.main(["install", "--dry-run", "-i", index, "made"]) == 0
        assert cli.main(["install", "--dry-run", option, "-i", index, "made"]) == 0
        assert capsys.readouterr().out == "Would install \nWould install made-1.0\n"
        assert cli.main(["install", option, "-i", index, "made"]) == 0
        assert [row.version for row in mempip.list()] == ["1.0"]

    def test_for_another_version_of_python(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "tool.py").write_text("# /// script\n# requires-python = '>=9'\n# dependencies = ['made']\n# ///\n")
        with IndexServer(dict([build_wheel("made", "1.0", requires_python=">=9")])) as server:
            for asked in (["made"], ["--requirements-from-script", str(tmp_path / "tool.py")]):
                arguments = ["install", "--dry-run", "-i", server.url, *asked]
                assert cli.main(arguments) == 1
                assert cli.main([*arguments, "--ignore-requires-python"]) == 0
                assert capsys.readouterr().out == "Would install made-1.0\n"

    def test_anew_is_not_for_environments_of_a_daemon(self) -> None:
        with pytest.raises(UsageError, match="ignore_installed"):
            mempip.install("made", env="ci", ignore_installed=True)

    def test_a_report(self, index: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert cli.main(["install", "--dry-run", "--report", "-", "-i", index, "made"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert [item["metadata"]["name"] for item in report["install"]] == ["made"]
        assert cli.main(["install", "-q", "--dry-run", "--report", str(tmp_path / "r.json"), "-i", index, "made"]) == 0
        assert json.loads((tmp_path / "r.json").read_text()) == report

    def test_what_a_script_needs(self, index: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "tool.py").write_text("__requires__ = ['made']\n")
        assert cli.main(["install", "-i", index, "--requirements-from-script", str(tmp_path / "tool.py")]) == 0
        assert capsys.readouterr().out == "Successfully installed made-1.0\n"

    def test_needs_a_requirement(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["install"]) == 1
        assert "at least one requirement" in capsys.readouterr().err


class TestInstalled:
    @pytest.fixture(autouse=True)
    def _environment(self) -> None:
        environment(build_wheel("made", "1.0", requires=["other"]), build_wheel("other", "2")).activate()

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["list"], "Package Version\n------- -------\nmade    1.0\nother   2\n"),
            (["list", "--format", "freeze"], "made==1.0\nother==2\n"),
            (["list", "--format=json"], '[{"name": "made", "version": "1.0"}, {"name": "other", "version": "2"}]\n'),
            (["freeze"], "made==1.0\nother==2\n"),
        ],
    )
    def test_lists(self, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(arguments) == 0
        assert capsys.readouterr().out == expected

    def test_show(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["show", "made", "other", "absent"]) == 0
        out, err = capsys.readouterr()
        assert "Name: made\nVersion: 1.0\n" in out
        assert "\n---\nName: other\n" in out
        assert "Required-by: made\n" in out
        assert "absent is not installed" in err
        assert cli.main(["show", "absent"]) == 1

    def test_the_tree_and_what_is_broken(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["tree"]) == 0
        assert capsys.readouterr() == ("made v1.0\n└── other v2\n", "")
        assert cli.main(["check"]) == 0
        assert capsys.readouterr().out == "No broken requirements found.\n"
        mempip.uninstall("other")
        assert mempip.check() == ["made 1.0 requires other, which is not installed."]
        assert cli.main(["check"]) == 1
        assert capsys.readouterr().out == "made 1.0 requires other, which is not installed.\n"
        assert cli.main(["tree"]) == 0
        assert capsys.readouterr() == ("made v1.0\n", "WARNING: made 1.0 requires other, which is not installed.\n")

    def test_uninstall(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["uninstall", "-y", "made"]) == 0
        assert capsys.readouterr().out == "Successfully uninstalled made\n"
        assert mempip.freeze() == ["other==2"]
        assert cli.main(["uninstall", "made"]) == 1
        assert capsys.readouterr().err.startswith("ERROR: made is not installed")


@pytest.mark.parametrize("command", ["list", "freeze", "tree"])
def test_an_empty_list_prints_nothing(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command]) == 0
    assert capsys.readouterr() == ("", "")


class TestTree:
    """Of requirements that are not in memory."""

    @pytest.fixture
    def index(self) -> Iterator[str]:
        wheels = [build_wheel("made", "1.0", requires=["other<2"]), build_wheel("other", "1")]
        with IndexServer(dict(wheels)) as server:
            yield server.url

    def test_of_requirements(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["tree", "-i", index, "other", "Made"]) == 0
        assert capsys.readouterr().out == "made v1.0\n└── other v1\nother v1\n"
        assert cli.main(["tree", "-i", index, "made", "--invert", "--package", "other"]) == 0
        assert capsys.readouterr().out == "other v1\n└── made v1.0\n"
        assert cli.main(["tree", "-i", index, "made", "-d", "0"]) == 0
        assert capsys.readouterr().out == "made v1.0\n"
        assert mempip.list() == []

    def test_a_package_that_is_not_in_it(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["tree", "-i", index, "made", "--package", "absent"]) == 1
        assert "absent is not among" in capsys.readouterr().err

    def test_beside_what_is_in_memory(self, index: str, capsys: pytest.CaptureFixture[str]) -> None:
        environment(build_wheel("kept", "1", requires=["other>=2"])).activate()
        assert cli.main(["check", "-i", index, "made"]) == 1
        assert capsys.readouterr().out == "kept 1 has requirement other>=2, but you have other 1.\n"

    def test_of_a_lock(self, index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        lock = tmp_path / "pylock.toml"
        lock.write_text(mempip.make_lock("made", index_url=index))
        assert cli.main(["tree", "--lock", str(lock)]) == 0
        assert capsys.readouterr().out == "made v1.0\n└── other v1\n"


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ([], "COMMAND"),
            (["destroy"], "destroy"),
            (["download", "numpy"], "'pip download' does that"),
            (["wheel", "numpy"], "'pip wheel' does that"),
            (["tree", "--depth", "-1"], "no whole number"),
            (["install", "--timeout", "soon", "x"], "soon"),
            (["list", "--", "x"], "does not run Python"),
            (["install", "--no-such-option"], "--no-such-option"),
            (["index", "versions", "x"], "'pip index versions'"),
            (["install", "x", "-t", "here"], "no option -t: nothing is installed into a directory"),
            (["run", "--user", "x", "--", "-c", ""], "no option --user"),
            (["lock", "--python", "/usr/bin/python3", "x"], "no option --python: mempip installs into the Python"),
        ],
    )
    def test_bad_usage_ends_with_status_2(
        self, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 2
        assert reason in capsys.readouterr().err

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(["--version"])
        assert caught.value.code == 0
        assert capsys.readouterr().out == f"mempip {mempip.__version__}\n"

    @pytest.mark.parametrize("arguments", [["help", "install"], ["--help", "install"], ["install", "-h"]])
    def test_help(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith("usage: mempip install ")

    def test_general_options_may_stand_in_front_of_the_command(self, index: str) -> None:
        program = ["made", "--", "-O", "-c", "import cli_made; print(cli_made.answer)"]
        done = command("--no-input", "-q", "run", "-i", index, *program)
        assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")

    def test_bad_python_arguments(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["run", "--", "--nonsense"]) == 1
        assert "--nonsense" in capsys.readouterr().err

    def test_a_bad_variable_is_named(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("PIP_PRE", "perhaps")
        assert cli.main(["install", "x"]) == 1
        assert "PIP_PRE" in capsys.readouterr().err


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mempip, "install", interrupt)
    assert cli.main(["install", "x"]) == 130
    assert capsys.readouterr().err == "ERROR: Operation cancelled by user\n"


def test_a_reader_that_left() -> None:
    program = f"{sys.executable} -m mempip --help | true"
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_options_are_spelled_for_the_command_line() -> None:
    options = {"index_url": "u", "find_links": ["a", "b"], "pre": True, "no_deps": False, "timeout": 3, "cert": ""}
    words, variables = spell(options)
    assert words == ["--index-url=u", "--find-links=a", "--find-links=b", "--pre", "--timeout=3", "--cert="]
    assert variables == {}
    lists = {"requirement": ["r.txt"], "no_binary": ["a", "b"], "require_hashes": False, "upgrade": None}
    assert spell(lists) == (["--requirement=r.txt", "--no-binary=a", "--no-binary=b", "--no-require-hashes"], {})
    assert spell({"require_hashes": True}) == (["--require-hashes"], {})
    with pytest.raises(TypeError, match="colour"):
        spell({"colour": "blue"})


def test_credentials_stay_off_the_command_line() -> None:
    words, variables = spell({"index_url": "https://me:secret@host/simple", "extra_index_url": ["u", "https://me@h/"]})
    assert words == []
    assert variables == {"PIP_INDEX_URL": "https://me:secret@host/simple", "PIP_EXTRA_INDEX_URL": "u https://me@h/"}
    words, variables = spell({"project_index": {"acme-*": "https://me:secret@host/"}, "build_dir": "/a@b"})
    assert (words, variables) == (["--build-dir=/a@b"], {"MEMPIP_PROJECT_INDEX": "acme-*=https://me:secret@host/"})


class TestProgress:
    def test_a_bar_on_a_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        with ProgressBar(enabled=True) as bar:
            bar({"type": "progress", "phase": "resolve", "name": "", "done": 0, "total": None})
            bar({"type": "progress", "phase": "download", "name": "a.whl", "done": 5_000_000, "total": 10_000_000})
            bar({"type": "progress", "phase": "download", "name": "b.whl", "done": 1, "total": None})
            bar({"type": "progress", "phase": "other"})
        err = capsys.readouterr().err
        assert "Resolving" in err
        assert "5.0/10.0 MB" in err
        assert "Downloading 2 wheels" in err
        assert err.endswith("\r")

    def test_empty_files_are_complete(self, capsys: pytest.CaptureFixture[str]) -> None:
        ProgressBar(enabled=True)({"type": "progress", "phase": "download", "name": "a", "done": 0, "total": 0})
        assert "0.0/0.0 MB" in capsys.readouterr().err

    def test_nothing_where_nobody_looks(self, capsys: pytest.CaptureFixture[str]) -> None:
        with ProgressBar(enabled=False) as bar:
            bar({"type": "progress", "phase": "resolve", "name": "", "done": 0, "total": None})
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(("shown", "expected"), [(True, "WARNING: careful\n"), (False, "")])
    def test_warnings(self, shown: bool, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
        ProgressBar(enabled=False, warnings=shown)({"type": "warning", "text": "careful"})
        assert capsys.readouterr().err == expected


def test_terminals_are_not_told_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressBar(enabled=False)({"type": "warning", "text": "bad\x1b[2J\nWARNING: forged"})
    assert capsys.readouterr().err == "WARNING: bad\\x1b[2J\\nWARNING: forged\n"


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(NotInstalled):
        mempip.show("absent")


class TestExec:
    """``mempip exec``, in processes of its own: the program takes the place of this one."""

    @pytest.fixture
    def index(self) -> Iterator[str]:
        files = {"tool/__init__.py": "import sys\ndef main():\n  print('tool', sys.argv[1:])\n  return 3\n"}
        tool = build_wheel("tool", "1.0", files, entry_points="[console_scripts]\nsh-tool = tool:main\n")
        with IndexServer(dict([tool])) as server:
            yield server.url

    def test_pythons_find_the_packages(self, index: str) -> None:
        program = f"{sys.executable} -c 'import tool; print(tool.__name__)'; exit 4"
        done = command("exec", "-i", index, "tool", "--", "sh", "-c", program)
        assert (done.returncode, done.stdout) == (4, "tool\n"), done.stderr

    def test_commands_of_packages_come_first(self, index: str) -> None:
        done = command("exec", "-i", index, "tool", "--", "sh-tool", "-q", "--", "x")
        assert (done.returncode, done.stdout) == (3, "tool ['-q', '--', 'x']\n"), done.stderr

    def test_nothing_to_install(self) -> None:
        assert command("exec", "--", "echo", "ran").stdout == "ran\n"

    @pytest.mark.parametrize(
        ("arguments", "status", "says"),
        [
            (["--", "no-such-program"], 127, "no-such-program could not be run: No such file or directory"),
            (["--", "/"], 126, "/ could not be run: Permission denied"),
            (["tool"], 2, "put it behind '--'"),
            (["--"], 2, "put it behind '--'"),
            (["absent", "--", "echo"], 1, "No project named 'absent'"),
        ],
    )
    def test_what_cannot_be_run(self, index: str, arguments: list[str], status: int, says: str) -> None:
        done = command("exec", "-i", index, *arguments)
        assert (done.returncode, done.stdout) == (status, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_pip_run_is_an_extra() -> None:
    done = subprocess.run([sys.executable, "-m", "mempip.cli.pip_run"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ERROR: pip-run is not here (No module named 'pip_run')\nHINT: pip install")


class TestX:
    """``mempip x``, in processes of its own: a tool may take the place of this one."""

    @pytest.fixture
    def index(self, tmp_path):
        tool = build_wheel(
            "tool",
            "1.0",
            {
                "tool/__init__.py": "import sys\ndef main():\n  print('tool', sys.argv[1:], __name__)\n  return 3\n",
                "tool-1.0.data/scripts/tool-sh": "#!/bin/sh\necho sh $1\nexit 4\n",
            },
            entry_points="[console_scripts]\ntool = tool:main\nother = tool:main\n",
        )
        single = build_wheel(
            "single-one", "1.0", {"s.py": "def go(): print('single')\n"}, entry_points="[console_scripts]\ns = s:go\n"
        )
        with IndexServer(dict([tool, single, build_wheel("plain", "1.0")])) as server:
            yield server.url

    def x(self, index, *arguments):
        command = [sys.executable, "-m", "mempip", "x", "-i", index, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_console_script(self, index) -> None:
        done = self.x(index, "tool", "-v", "--", "x")
        assert (done.returncode, done.stdout) == (3, "tool ['-v', '--', 'x'] tool\n"), done.stderr

    def test_a_script_of_another_interpreter(self, index) -> None:
        done = self.x(index, "--from", "tool==1.0", "tool-sh", "y")
        assert (done.returncode, done.stdout) == (4, "sh y\n"), done.stderr

    def test_the_only_one(self, index) -> None:
        done = self.x(index, "--with", "plain", "single_one>=1")
        assert (done.returncode, done.stdout) == (0, "single\n"), done.stderr

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--from", "tool", "nothing"], "tool has no command 'nothing'; it has other, tool, tool-sh"),
            (["plain"], "plain has no command 'plain'; it has none"),
            (["missing"], "No project named 'missing'"),
        ],
    )
    def test_what_is_not_there(self, index, arguments, says) -> None:
        done = self.x(index, *arguments)
        assert done.returncode == 1
        assert says in done.stderr
        assert "Traceback" not in done.stderr
