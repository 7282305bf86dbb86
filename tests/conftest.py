"""Neither the machine's configuration nor one test's imports may change what another test shows."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from mempip.runtime.environment import KNOWN
from mempip_native import channels
from tests.support.forked import Forks

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where modules are that a test made; and where mempip and what it uses may be all the same.
MADE = ("/mempip/", "/proc", "/tmp", "/var")
REPOSITORY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")

# A shell has the jobs that it starts in the background ignore it; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long examples take depends on what else the machine does.
settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_configuration() -> Iterator[None]:
    """Keep out the configuration of pip, its cache and uv's, and the shell that started the tests."""
    # Not the test's own monkeypatch, which is to undo what the test did before the fixtures of the test end.
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PIP_", "MEMPIP_", "UV_"))]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_CACHE_DIR", "1")
        patch.setenv("UV_NO_CACHE", "1")
        yield


@pytest.fixture(autouse=True)
def _clean_interpreter() -> Iterator[None]:
    """Close the environments that a test left, forget what it imported, and put ``sys`` back as it was.

    ``PYTHONPATH``, too: a test that sets it while an environment is active puts back what names that environment.
    """
    modules, path, argv = dict(sys.modules), list(sys.path), list(sys.argv)
    python_path = os.environ.get("PYTHONPATH")
    hooks, meta = list(sys.path_hooks), list(sys.meta_path)
    yield
    for name in set(sys.modules) - set(modules):
        origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None)
        if isinstance(origin, str) and origin.startswith(MADE) and not origin.startswith(REPOSITORY):
            del sys.modules[name]
    for environment in list(KNOWN.values()):  # which are in use no longer: closing them releases all they have
        environment.close()
    os.environ.pop("PYTHONPATH", None)
    if python_path is not None:
        os.environ["PYTHONPATH"] = python_path
    sys.path[:], sys.argv[:] = path, argv
    sys.path_hooks[:], sys.meta_path[:] = hooks, meta
    sys.modules["__main__"] = modules["__main__"]


@pytest.fixture(scope="session")
def _forks() -> Iterator[Forks]:
    with Forks() as forks:
        yield forks


@pytest.fixture
def forked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have mempip's processes be forks of one that has imported what they import, where a system can do that.

    For tests of what they do. That they can be started is what all others show.
    """
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":
            patch.setattr(channels, "start", request.getfixturevalue("_forks").start)
        yield
