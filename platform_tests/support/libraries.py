"""Small shared libraries, compiled when a test runs."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from platform_tests.support.tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Compiler:
    """gcc, in a directory of its own. ``stub`` makes what others are linked against."""

    def __init__(self, directory: Path) -> None:
        self._gcc = require_tool("gcc", "gcc libc6-dev")
        self._directory = directory
        self._count = 0

    def library(
        self,
        code: str,
        *,
        soname: str = "",
        needs: Sequence[str] = (),
        exports: dict[str, Sequence[str]] | None = None,
        options: Sequence[str] = (),
    ) -> bytes:
        """Return a library of C `code`. Each of `needs` is a DT_NEEDED name; `exports` says what is in each."""
        self._count += 1
        work = self._directory / str(self._count)
        work.mkdir()
        for name in needs:
            functions = " ".join(f"int {function}(void) {{ return -1; }}" for function in (exports or {}).get(name, ()))
            self._link(work, name, functions, [f"-Wl,-soname,{name}"])
        names = [f"-l:{name}" for name in needs]
        sonames = [f"-Wl,-soname,{soname}"] if soname else []
        output = self._link(work, "result", code, [*sonames, "-L.", "-Wl,--no-as-needed", *names, *options])
        return output.read_bytes()

    def _link(self, work: Path, name: str, code: str, options: Sequence[str]) -> Path:
        command = [self._gcc, "-shared", "-fPIC", "-nostartfiles", "-x", "c", "-", "-x", "none", "-o", name, *options]
        subprocess.run(command, input=code.encode(), cwd=work, check=True, capture_output=True)
        return work / name
