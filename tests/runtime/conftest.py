"""Keeps one test's imports from the next one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _clean_interpreter() -> Iterator[None]:
    """Put ``sys`` back as it was."""
    modules, path, argv = dict(sys.modules), list(sys.path), list(sys.argv)
    hooks, meta = list(sys.path_hooks), list(sys.meta_path)
    yield
    from mempip.runtime import children
    from mempip.runtime.environment import KNOWN

    children.publish([])
    for environment in list(KNOWN.values()):
        environment.view.stop(environment)
        environment.image.close()
    KNOWN.clear()
    sys.path[:], sys.argv[:] = path, argv
    sys.path_hooks[:], sys.meta_path[:] = hooks, meta
    for name in set(sys.modules) - set(modules):
        if getattr(getattr(sys.modules[name], "__spec__", None), "origin", None) is not None:
            origin = sys.modules[name].__spec__.origin  # type: ignore[union-attr]
            if origin.startswith(("/mempip/", "/proc", "/tmp", "/var")):
                del sys.modules[name]
    sys.modules["__main__"] = modules["__main__"]
