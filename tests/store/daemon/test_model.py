"""Named environments against a model that a dictionary is: whatever is done, in whatever order, and over a restart."""

from __future__ import annotations

import os
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

import mempip_native
from mempip.errors import NoSuchEnvironment, NotInstalled
from mempip.image.layout import Distribution
from mempip.image.reader import Image
from mempip.image.writer import write_index
from mempip.installer.destination import place
from mempip.store.daemon import snapshot
from mempip.store.daemon.environments import Environments
from mempip.store.daemon.keep import Keep, Kept, Limits
from mempip.store.daemon.objects import Held
from tests.support.environments import memory, opened
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from mempip.image.layout import Entry

PROJECTS = ("a", "b", "c")
VERSIONS = ("1", "2")
SCRIPTS = "[console_scripts]\n{name}-tool = {name}:main\n"
WHEELS = {
    (name, version): build_wheel(
        name,
        version,
        {f"{name}.py": f"version = {version}\n", f"only_{name}_{version}.py": "", f"shared/{name}.txt": name},
        entry_points=SCRIPTS.format(name=name),
    )
    for name in PROJECTS
    for version in VERSIONS
}
LIMITS = Limits(1 << 30, 1 << 30, 1 << 20)
names = st.sampled_from(["one", "two"])
pins = st.dictionaries(st.sampled_from(PROJECTS), st.sampled_from(VERSIONS), min_size=1)
UID = os.geteuid()


def installed(keep: Keep, wanted: dict[str, str]) -> Kept:
    """Return an image of wheels as a worker makes it."""
    files: dict[str, Entry | bytes] = {}
    rows, wheels = [], []
    for number, (name, version) in enumerate(wanted.items(), start=1):
        wheel = opened(WHEELS[name, version])
        files.update(place(wheel, number, requested=True, python="python"))
        rows.append(Distribution(name, version, dist_info=wheel.dist_info, object=number, wheel=wheel.filename))
        wheels.append(keep.add_wheel(snapshot._digest(wheel.descriptor), wheel.filename, Held(wheel.descriptor), UID))
    return Kept(Held(memory(write_index(files, rows))), wheels, "memfd", (), time.monotonic())


def expected(content: dict[str, str]) -> dict[str, bytes]:
    """Return the files that an environment has beside metadata."""
    files = {}
    for name, version in content.items():
        files[f"{name}.py"] = f"version = {version}\n".encode()
        files[f"only_{name}_{version}.py"] = b""
        files[f"shared/{name}.txt"] = name.encode()
    return files


class Model(RuleBasedStateMachine):
    """What the daemon does with environments, and what a dictionary would."""

    begun = Bundle("begun")  # installations under way: environment, its version, its content then, what is added

    def __init__(self) -> None:
        super().__init__()
        self.keep = Keep(time.monotonic, 600.0, LIMITS)
        self.environments = Environments(self.keep)
        self.model: dict[str, tuple[int, dict[str, str]]] = {}

    @rule(target=begun, name=names, wanted=pins)
    def begin(self, name: str, wanted: dict[str, str]) -> tuple[str, int, dict[str, str]]:
        return name, self.environments.version(name), wanted

    @rule(installation=begun)
    def commit(self, installation: tuple[str, int, dict[str, str]]) -> None:
        name, base, wanted = installation
        version, content = self.model.get(name, (0, {}))
        done = self.environments.extend(name, base, installed(self.keep, wanted), UID)
        assert (done is not None) == (base == version)
        if done is not None:
            self.model[name] = version + 1, {**content, **wanted}

    @rule(name=names, projects=st.lists(st.sampled_from(PROJECTS), min_size=1, unique=True))
    def uninstall(self, name: str, projects: list[str]) -> None:
        if name not in self.model:
            with pytest.raises(NoSuchEnvironment):
                self.environments.uninstall(name, projects)
            return
        version, content = self.model[name]
        if not set(projects) <= set(content):
            with pytest.raises(NotInstalled):
                self.environments.uninstall(name, projects)
            return
        self.environments.uninstall(name, projects)
        self.model[name] = version + 1, {key: value for key, value in content.items() if key not in projects}

    @rule(name=names)
    def remove(self, name: str) -> None:
        if self.model.pop(name, None) is None:
            with pytest.raises(NoSuchEnvironment):
                self.environments.remove(name)
        else:
            self.environments.remove(name)

    @rule()
    def drop_all_that_may_be(self) -> None:
        limits, self.keep.limits = self.keep.limits, Limits(0, 0, 0)
        self.keep.make_room()
        self.keep.limits = limits

    @rule(target=begun)
    def restart(self) -> object:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "snapshot")
            contents, objects = snapshot.describe(self.keep)
            snapshot.write(path, contents, [held.descriptor for held in objects])
            self.keep = Keep(time.monotonic, 600.0, LIMITS)
            assert snapshot.restore(path, self.keep, mempip_native.adapters()[0])
        self.environments = Environments(self.keep)
        return multiple()

    @invariant()
    def is_what_the_model_says(self) -> None:
        assert set(self.keep.environments) == set(self.model)
        for name, (version, content) in self.model.items():
            named = self.environments.get(name)
            assert named.version == version
            image = Image(
                [os.dup(held.descriptor) for held in (named.kept.index, *(w.held for w in named.kept.wheels))]
            )
            assert {row.name: row.version for row in image.distributions} == content
            files = {path: image.read(entry) for path, entry in image.walk()}
            modules = {path: data for path, data in files.items() if ".dist-info/" not in path and "bin/" not in path}
            assert modules == expected(content)
            assert {path for path in files if path.startswith("bin/")} == {f"bin/{name}-tool" for name in content}
            assert {path.partition(".dist-info/")[0] for path in files if ".dist-info/" in path} == {
                f"{name}-{version}" for name, version in content.items()
            }
            image.close()


Model.TestCase.settings = settings(max_examples=40, stateful_step_count=20)
TestModel = Model.TestCase
