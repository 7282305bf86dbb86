"""Companions: code is compiled for the next one who asks, libraries are lent; what cannot be made is given up."""

from __future__ import annotations

import marshal
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip.connection import Connection
from mempip.errors import ProtocolError
from mempip.image.code import Segment, kind
from mempip.store import mempipd
from mempip.store.daemon.compiling import compile_all
from mempip.store.daemon.requests import read_loan
from mempip.store.daemon.workers import Worker
from mempip.store.process import start
from tests.store.daemon.test_server import until
from tests.support.daemons import Daemon
from tests.support.environments import environment, memory
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip.runtime.environment import Environment

MODULES = {
    "compiled_here/__init__.py": "from compiled_here import inner\n",
    "compiled_here/inner.py": "def where():\n    return where.__code__.co_filename\nassert __debug__ or True\n",
    "compiled_here/broken.py": "this is no Python\n",
    "compiled_here/data.so.txt": "text",
    "compiled_here/fake.so": "no library, but called like one",
}
MADE = build_wheel("made", "1.0", MODULES)


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer(dict([MADE])) as running:
        yield running


def idle(daemon: Daemon) -> dict[str, Any]:
    """Return the first wheel's line of the status once nothing is being made."""

    def status() -> Any:  # by the socket: whoever was answered before has had all done that follows an answer
        return mempipd.ask(daemon.path, {"type": "status"})["status"]

    until(lambda: not status()["preparing"])
    return status()["wheels"][0]


def test_code_is_compiled_for_whoever_comes_next(daemon: Daemon, index: IndexServer) -> None:
    mempip.install("made", index_url=index.url, daemon=daemon.path).close()
    assert idle(daemon)["compiled"] == [sys.flags.optimize]
    with mempip.install("made", index_url=index.url, daemon=daemon.path) as found:
        assert found.companions.table["code"] == [1]
        from compiled_here import inner  # type: ignore[import-not-found]

        assert inner.where() == inner.__file__ == f"{found.root}/compiled_here/inner.py"
        with pytest.raises(SyntaxError):
            import compiled_here.broken  # type: ignore[import-not-found]  # noqa: F401
        child = (
            "import compiled_here.inner as i; print(i.where(), bool(i.__loader__.environment.companions.table['code']))"
        )
        for options in ([], ["-O"]):  # code of another level is there, and is not used
            done = subprocess.run([sys.executable, *options, "-c", child], capture_output=True, text=True)
            assert done.stdout == f"{found.root}/compiled_here/inner.py True\n", done.stderr


def test_another_optimisation_level_is_compiled_when_asked_for(daemon: Daemon, index: IndexServer) -> None:
    program = f"import mempip; mempip.install('made', index_url={index.url!r}, daemon={daemon.path!r})"
    for options in ([], ["-OO"]):
        subprocess.run([sys.executable, *options, "-c", program], check=True)
    assert idle(daemon)["compiled"] == [0, 2]


def test_libraries_are_lent_to_who_needs_them_and_handed_to_who_comes_next(daemon: Daemon, index: IndexServer) -> None:
    with mempip.install("made", index_url=index.url, daemon=daemon.path) as first:
        entries = {name: first.image.find(f"compiled_here/{name}") for name in ("fake.so", "inner.py")}
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(first.companions.library, [entries["fake.so"]] * 8))  # type: ignore[list-item]
        assert len({os.fstat(descriptor).st_ino for descriptor in found if descriptor is not None}) == 1
        for descriptor in found:
            assert descriptor is not None
            assert os.pread(descriptor, 100, 0) == MODULES["compiled_here/fake.so"].encode()
            with pytest.raises(OSError, match="not permitted"):
                os.write(descriptor, b"x")
            os.close(descriptor)
        assert first.companions.library(entries["inner.py"]) is None  # type: ignore[arg-type]  # it is no library
        assert idle(daemon)["libraries"] == 1
    with mempip.install("made", index_url=index.url, daemon=daemon.path) as second:
        place = [1, entries["fake.so"].offset]  # type: ignore[union-attr]
        assert second.companions.table["libraries"] == [place]
    assert mempipd.lend(daemon.path, "library", "0" * 64, 1) is None


class TestCodeThatIsLent:
    """Between an image and the code of its wheels."""

    @pytest.fixture
    def early(self, daemon: Daemon, index: IndexServer, monkeypatch: Any) -> Iterator[Environment]:
        """Yield an environment whose wheel is never compiled in the background."""
        monkeypatch.setattr(daemon.server._preparations, "_lacking", lambda *_: [])
        with mempip.install("made", index_url=index.url, daemon=daemon.path) as found:
            yield found

    def test_each_module_is_compiled_when_the_first_asks(self, early: Environment, daemon: Daemon) -> None:
        codes = {
            name: early.image.find(f"compiled_here/{name}.py").offset  # type: ignore[union-attr]
            for name in ("__init__", "inner", "broken")
        }
        loans = early.companions.lender
        assert loans is not None
        with ThreadPoolExecutor() as pool:
            found = set(pool.map(loans.code, [1] * 8, [codes["inner"]] * 8))
        assert len(found) == 1
        assert marshal.loads(found.pop() or b"").co_filename == "compiled_here/inner.py"
        assert loans.code(1, codes["broken"]) is None
        assert loans.code(1, early.image.find("compiled_here/fake.so").offset) is None  # type: ignore[union-attr]
        assert idle(daemon)["compiled"] == []

        import compiled_here  # type: ignore[import-not-found]

        assert compiled_here.inner.where() == f"{early.root}/compiled_here/inner.py"
        with pytest.raises(SyntaxError):
            import compiled_here.broken  # type: ignore[import-not-found]

    def test_of_a_whole_wheel_it_is_asked_for_once(
        self, early: Environment, daemon: Daemon, index: IndexServer, monkeypatch: Any
    ) -> None:
        monkeypatch.undo()
        program = f"import mempip; mempip.install('made', index_url={index.url!r}, daemon={daemon.path!r})"
        subprocess.run([sys.executable, "-I", "-c", program], check=True)  # without what this process has
        assert idle(daemon)["compiled"] == [sys.flags.optimize]
        assert early.code(f"{early.root}/compiled_here/inner.py")
        monkeypatch.setattr(mempipd, "lend", None)
        assert early.code(f"{early.root}/compiled_here/__init__.py")

    def test_other_interpreters_compile_by_themselves(self, early: Environment, monkeypatch: Any) -> None:
        monkeypatch.setattr(mempipd, "kind", lambda: "of another Python")
        assert early.code(f"{early.root}/compiled_here/inner.py") is None
        monkeypatch.undo()
        assert early.code(f"{early.root}/compiled_here/inner.py") is None  # it is not asked for again
        library = early.image.find("compiled_here/fake.so")
        found = early.companions.library(library)  # type: ignore[arg-type]
        assert found is not None
        os.close(found)

    def test_a_child_does_not_ask(self, early: Environment, monkeypatch: Any) -> None:
        monkeypatch.setattr(os, "getpid", lambda: -1)
        assert early.code(f"{early.root}/compiled_here/inner.py") is None
        assert early.companions.library(early.image.find("compiled_here/fake.so")) is None  # type: ignore[arg-type]

    def test_nobody_is_asked_who_does_not_answer(self, index: IndexServer, monkeypatch: Any) -> None:
        with Daemon() as daemon:
            early = mempip.install("made", index_url=index.url, daemon=daemon.path)
        assert early.code(f"{early.root}/compiled_here/inner.py") is None
        assert early.companions.library(early.image.find("compiled_here/fake.so")) is None  # type: ignore[arg-type]
        monkeypatch.setattr(mempipd, "lend", lambda *_: pytest.fail("asked again"))
        assert early.code(f"{early.root}/compiled_here/inner.py") is None
        assert early.companions.library(early.image.find("compiled_here/fake.so")) is None  # type: ignore[arg-type]
        early.close()


def test_a_process_that_makes_parts_is_ended_or_lost(daemon: Daemon, index: IndexServer, monkeypatch: Any) -> None:
    lending = daemon.server._lending

    def ask(name: str) -> int | None:
        entry = environment.image.find(f"compiled_here/{name}")
        return mempipd.lend(daemon.path, "library", environment.distributions[0].sha256, entry.offset)  # type: ignore[union-attr]

    with mempip.install("made", index_url=index.url, daemon=daemon.path) as environment:
        idle(daemon)
        started = lending._lane

        def kill(kept: Any) -> Any:
            lane = started(kept)
            os.kill(lane.worker.pid, signal.SIGKILL)
            return lane

        monkeypatch.setattr(lending, "_lane", kill)
        assert ask("fake.so") is None
        assert lending._lanes == []
        monkeypatch.setattr(lending, "_lane", started)
        assert ask("fake.so") is None  # it is given up
        assert ask("inner.py") is None
        assert len(lending._lanes) == 1
        monkeypatch.setattr("mempip.store.daemon.lending.IDLE", -1.0)
        until(lambda: lending._lanes == [])


def test_what_crashes_the_compiler_is_given_up(daemon: Daemon, index: IndexServer, monkeypatch: Any) -> None:
    ended: list[int] = []

    class Crashing(Worker):
        def tell(self, *order: Any) -> None:
            os.kill(self.pid, signal.SIGKILL)
            ended.append(self.pid)
            super().tell(*order)

    monkeypatch.setattr("mempip.store.daemon.preparations.Worker", Crashing)
    mempip.install("made", index_url=index.url, daemon=daemon.path).close()
    until(lambda: ended)
    assert idle(daemon)["compiled"] == []
    mempip.install("made", index_url=index.url, daemon=daemon.path).close()
    assert idle(daemon)["compiled"] == []
    assert len(ended) == 1


def test_what_does_not_compile_is_left_out() -> None:
    with environment(MADE) as made:
        files = [(path, entry) for path, entry in made.image.walk() if path.endswith(".py")]
        descriptor = memory(compile_all(made.image, files, 0))
        segment = Segment(descriptor)
        assert segment.kind == kind(0)
        assert sorted(path for path, entry in files if segment.find(entry.offset)) == [
            "compiled_here/__init__.py",
            "compiled_here/inner.py",
        ]
        os.close(descriptor)


@pytest.mark.parametrize("asked", [{}, {"wheel": "a"}, {"wheel": "a", "place": "b"}, {"wheel": 1, "place": 2}])
def test_questions_that_make_no_sense(asked: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_loan(asked)


def test_a_process_whose_daemon_has_gone_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    with environment(MADE) as made:
        process, channel = start("mempip.store.daemon.preparer")
        order = {"type": "prepare", "adapter": made.adapter.name, "optimize": 0, "code": [1]}
        Connection(channel).send(order, made.image.descriptors)
        channel.close()
        assert process.wait() == 0
    assert capfd.readouterr() == ("", "")
