from __future__ import annotations

import subprocess
import sys

import pytest

from mempip.installer.scripts import console_scripts, shebang
from mempip.runtime.launch import is_python_script


def test_scripts_run_what_their_entry_points_name(tmp_path) -> None:
    text = "[console_scripts]\nversion = platform:python_version\nDeep = os:path.getsize [extra]\n[other]\nx = y:z\n"
    scripts = dict(console_scripts(text + "[gui_scripts]\ngui = a.b:c\n"))
    assert list(scripts) == ["version", "Deep", "gui"]
    assert b"from os import path\n" in scripts["Deep"]
    assert b"sys.exit(path.getsize())" in scripts["Deep"]
    (tmp_path / "version").write_bytes(scripts["version"])
    done = subprocess.run([sys.executable, str(tmp_path / "version")], capture_output=True, text=True)
    assert done.stderr.split() == [sys.version.split()[0]]


@pytest.mark.parametrize(
    "text",
    ["nonsense", "[console_scripts]\n../x = a:b\n", "[console_scripts]\nx = a\n", "[console_scripts]\nx = a:b;c()\n"],
)
def test_what_is_none_is_passed_over(text: str) -> None:
    assert list(console_scripts(text)) == []


@pytest.mark.parametrize("python", ["/usr/bin/python3", "/a b/python", f"/{'long' * 40}/python3.12"])
def test_first_lines(python: str) -> None:
    line = shebang(python)
    assert is_python_script(line)
    assert line.startswith(b"#!/bin/sh\n" if " " in python or len(python) > 125 else b"#!/usr/bin/python3\n")
