"""The same requirement files for pip and for mempip, over an index on loopback: the same answer."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WHEELS = dict(
    [
        build_wheel("app", "1.0", requires=["lib>=1", "tool<3"], extras={"fast": ["speed"]}),
        build_wheel("app", "2.0", requires=["lib>=2", "tool"], extras={"fast": ["speed>=2", "lib[extra]"]}),
        build_wheel("app", "3.0rc1", requires=["lib>=2"]),
        build_wheel("lib", "1.5"),
        build_wheel("lib", "2.0", extras={"extra": ["speed"]}),
        build_wheel("lib", "2.1", requires=["tool<3; python_version >= '3'", "never; sys_platform == 'amiga'"]),
        build_wheel("tool", "2.9"),
        build_wheel("tool", "3.0"),
        build_wheel("speed", "1.0"),
        build_wheel("speed", "2.0"),
        build_wheel("speed", "2.0", {"fast.py": ""}, tag="py30-none-any"),
        build_wheel("only-new", "1.0", requires_python=">=3.99"),
        build_wheel("only-new", "0.9"),
    ]
)


def digest(filename: str) -> str:
    return hashlib.sha256(WHEELS[filename]).hexdigest()


#: The wheel beside the requirement files, in sub/wheels/.
LINKED = "speed-1.0-py3-none-any.whl"

#: What a case is about → its files; ``reqs.txt`` is the one to install, ``{index}`` and ``{links}`` are filled in.
CASES: dict[str, dict[str, str]] = {
    "plain names": {"reqs.txt": "# all\napp\n\nonly-new  # the newest that fits\n"},
    "specifiers, extras and markers": {
        "reqs.txt": "app [fast] >= 1, != 3.* ; python_version >= '3'\nnever; python_version < '3'\n"
    },
    "continuation lines": {"reqs.txt": "app \\\n  < 2 \\\n# a comment between\nspeed\\\n==1.0\n"},
    "nested files and constraints": {
        "reqs.txt": "-r sub/more.txt\n-c limits.txt\ntool\n",
        "sub/more.txt": "-c ../sub/limits.txt\napp\n",
        "sub/limits.txt": "app<2\n",
        "limits.txt": "lib<2\nspeed==1.0\nnot-asked-for==9\n",
    },
    "variables": {"reqs.txt": "app==${WANTED_VERSION}\nlib\n"},
    "pre-releases": {"reqs.txt": "--pre\napp\n"},
    "pre-releases of one project": {"reqs.txt": "--only-final :all:\n--all-releases app\napp\n"},
    "pre-releases but of one project": {"reqs.txt": "--pre\n--only-final app\napp\n"},
    "final releases after all": {"reqs.txt": "--only-final app\n--pre\napp\n"},
    "a pre-release by name": {"reqs.txt": "app==3.0rc1\n"},
    "links beside the file": {"reqs.txt": "-r sub/links.txt\n", "sub/links.txt": "--no-index\n-f wheels\nspeed\n"},
    "an index in the file": {"reqs.txt": "-i {index}\nlib[extra]\n"},
    "hashes": {
        "reqs.txt": f"tool==3.0 --hash=sha256:{digest('tool-3.0-py3-none-any.whl')}\n"
        f"speed==2.0 \\\n  --hash=sha256:{'0' * 64} \\\n"
        f"  --hash=sha256:{digest('speed-2.0-py30-none-any.whl')}\n"
    },
    "a hash of a constraint": {
        "reqs.txt": "-c c.txt\ntool\n",
        "c.txt": f"tool==2.9 --hash=sha256:{digest('tool-2.9-py3-none-any.whl')}\n",
    },
    "a file of a constraint": {
        "reqs.txt": "-c sub/c.txt\napp\nspeed\n",
        "sub/c.txt": f"./sub/wheels/{LINKED}\n",
    },
    "formats": {"reqs.txt": "--only-binary :all:\n--no-binary speed\n--only-binary speed\nspeed\n"},
    "a mark and an encoding": {"reqs.txt": "\ufeff# ä\nspeed\n"},
    "without hashes after all": {
        "reqs.txt": f"--no-require-hashes\nlib==2.1\ntool==2.9 --hash=sha256:{digest('tool-2.9-py3-none-any.whl')}\n"
    },
}

#: What both refuse.
REFUSED: dict[str, dict[str, str]] = {
    "an unknown option": {"reqs.txt": "--no-such-option\n"},
    "no requirement": {"reqs.txt": "app=1\n"},
    "a missing file": {"reqs.txt": "-r missing.txt\n"},
    "a circle": {"reqs.txt": "-r other.txt\n", "other.txt": "-r reqs.txt\n"},
    "a dependency without hash": {"reqs.txt": f"lib==2.1 --hash=sha256:{digest('lib-2.1-py3-none-any.whl')}\n"},
    "another hash": {"reqs.txt": f"tool==3.0 --hash=sha256:{'0' * 64}\n"},
    "a weak hash": {"reqs.txt": f"tool==3.0 --hash=md5:{'0' * 32}\n"},
    "no binaries": {"reqs.txt": "--no-binary :all:\ntool\n"},
    "an impossible constraint": {"reqs.txt": "app>=2\n-c c.txt\n", "c.txt": "lib<2\n"},
    "no pre-release": {"reqs.txt": "--only-final app\napp>2\n"},
    "extras in a constraint": {"reqs.txt": "app\n-c c.txt\n", "c.txt": "lib[extra]\n"},
    "an editable project in a constraint": {"reqs.txt": "app\n-c c.txt\n", "c.txt": "-e .\n"},
    "both or neither": {"reqs.txt": "--require-hashes\n--no-require-hashes\ntool\n"},
}


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with IndexServer(WHEELS) as server:
        yield server.url


def prepare(files: Mapping[str, str], directory: Path, index: str) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.format(index=index) if "{index}" in content else content, encoding="utf-8")
    (directory / "sub").mkdir(exist_ok=True)
    (directory / "sub" / "wheels").mkdir()
    (directory / "sub" / "wheels" / LINKED).write_bytes(WHEELS[LINKED])


def report(module: str, directory: Path, index: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, "install", "--dry-run", "--quiet", "--report", "-", "-i", index, *options]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environ |= {"WANTED_VERSION": "1.0", "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    return subprocess.run(
        [*command, "-r", "reqs.txt"], cwd=directory, env=environ, capture_output=True, text=True, check=False
    )


def by_pip(directory: Path, index: str) -> subprocess.CompletedProcess[str]:
    return report("pip", directory, index, "--ignore-installed", "--no-cache-dir", "--disable-pip-version-check")


def what_matters(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    rows = [
        {
            "name": item["metadata"]["name"],
            "version": item["metadata"]["version"],
            "url": item["download_info"]["url"],
            "requested": item["requested"],
            "extras": sorted(item.get("requested_extras", [])),
        }
        for item in json.loads(done.stdout)["install"]
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


@pytest.mark.parametrize("case", CASES)
def test_the_same_is_chosen(case: str, index: str, tmp_path: Path) -> None:
    prepare(CASES[case], tmp_path, index)
    expected = what_matters(by_pip(tmp_path, index))
    assert what_matters(report("mempip", tmp_path, index)) == expected
    assert expected


@pytest.mark.parametrize("case", REFUSED)
def test_the_same_is_refused(case: str, index: str, tmp_path: Path) -> None:
    prepare(REFUSED[case], tmp_path, index)
    assert by_pip(tmp_path, index).returncode == 1
    done = report("mempip", tmp_path, index)
    assert done.returncode == 1
    assert done.stderr.startswith("ERROR: ")
    assert "Traceback" not in done.stderr
