"""How much memory there is, and who may do what."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from mempip.store.daemon.memory import available
from mempip.store.daemon.rules import ADMINISTER, INSTALL, READ, Rules, peer_groups

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


MACHINE = {"proc/meminfo": "MemTotal:       8192 kB\nMemFree: 1 kB\n"}


def test_of_the_machine(tmp_path: Path) -> None:
    assert available(write(tmp_path, MACHINE)) == 8 << 20
    assert available(str(tmp_path / "nothing")) > 1 << 20


def test_of_a_group_and_those_above_it(tmp_path: Path) -> None:
    version_2 = {
        "proc/self/cgroup": "0::/pod/container\n",
        "sys/fs/cgroup/pod/container/memory.max": "max\n",
        "sys/fs/cgroup/pod/memory.max": "4194304\n",
    }
    assert available(write(tmp_path, {**MACHINE, **version_2})) == 4 << 20


def test_of_a_group_of_the_first_version(tmp_path: Path) -> None:
    version_1 = {
        "proc/self/cgroup": "5:cpu:/x\n4:memory:/box\n",
        "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "1048576\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    assert available(write(tmp_path, {**MACHINE, **version_1})) == 1 << 20


def test_rules() -> None:
    rules = Rules.parse(["read=54321,@700", "install=54322", "administer=@0"])
    for uid, gids, rights in (
        (54321, [1], {READ}),
        (54000, [1, 700], {READ}),
        (54322, [], {READ, INSTALL}),
        (54000, [0], {ADMINISTER}),
        (54000, [1], set()),
        (0, [], {READ, INSTALL, ADMINISTER}),
        (os.geteuid(), [], {READ, INSTALL, ADMINISTER}),
    ):
        assert {right for right in (READ, INSTALL, ADMINISTER) if rules.allow(right, uid, gids)} == rights
    assert Rules.parse(["read=root,@root"]).users[READ] == {0}


def test_groups_of_the_other_end() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert set(peer_groups(left, os.getegid())) == {os.getegid(), *os.getgroups()}
