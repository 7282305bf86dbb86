"""Containers without an image: a hand-made OCI bundle of this machine's own /usr and Python, run by crun.

The default is what ``docker run --read-only --user 65534 --cap-drop ALL --security-opt no-new-privileges
--memory 512m`` gives, and less: there is no tmpfs at all, not even /dev/shm.
"""

from __future__ import annotations

import json
import platform
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_tests.support.tools import installation, require, require_root, require_tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Podman's rules, which Docker's are made from below.
RULES = Path("/usr/share/containers/seccomp.json")

#: What Podman allows to everyone, and Docker only to those with CAP_SYS_ADMIN.
ADMINISTRATION = frozenset(
    "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns umount umount2 "
    "unshare".split()
)

#: The flags of clone that make namespaces.
NAMESPACE_FLAGS = 0x7E020000

ENOSYS = 38
DEVICES = ("null", "zero", "full", "random", "urandom")
NAMESPACES = ("pid", "mount", "ipc", "uts")


@dataclass(frozen=True)
class Container:
    """How a container is confined. The network is the machine's, so that a loopback index is in reach."""

    uid: int = 65534
    memory: int = 512 * 2**20  #: bytes, of the control group
    proc: bool = True
    capabilities: Sequence[str] = ()
    denied: frozenset[str] = frozenset()  #: system calls that are refused beside those that Docker refuses
    writable: Sequence[Path] = field(default=())  #: directories that are not read-only

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run `command` in a new container; return its status and what it printed."""
        require_root()
        crun = require_tool("crun", "crun")
        require(RULES.exists(), f"{RULES} is not here: apt-get install golang-github-containers-common")
        with tempfile.TemporaryDirectory(prefix="mempip-container-") as made:
            bundle = Path(made)
            (bundle / "rootfs").mkdir()
            (bundle / "config.json").write_text(json.dumps(self.config(command, environment)))
            start = f"{crun} --cgroup-manager cgroupfs --root {bundle}/state run --bundle {bundle} {uuid.uuid4().hex}"
            # crun takes a mixture of both kinds of control groups for an error.
            hide = "! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified"
            return subprocess.run(
                ["unshare", "--mount", "sh", "-ec", f"{hide}; exec {start}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )

    def config(self, command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        """Return the container's config.json (OCI runtime specification)."""
        capabilities = list(self.capabilities)
        return {
            "ociVersion": "1.0.2",
            "root": {"path": "rootfs", "readonly": True},
            "process": {
                "cwd": "/",
                "args": list(command),
                "env": [f"{name}={value}" for name, value in environment.items()],
                "user": {"uid": self.uid, "gid": self.uid},
                "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), capabilities),
                "noNewPrivileges": True,
                "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1024}],
            },
            "mounts": self._mounts(),
            "linux": {
                "namespaces": [{"type": name} for name in NAMESPACES],
                "readonlyPaths": [
                    f"/proc/{name}" for name in ("bus", "fs", "irq", "sys", "sysrq-trigger") if self.proc
                ],
                "resources": {"memory": {"limit": self.memory}},
                "seccomp": docker_rules(self.denied, frozenset(capabilities)),
            },
        }

    def _mounts(self) -> list[dict[str, Any]]:
        system = {Path(name) for name in ("/usr", "/etc", "/bin", "/lib", "/lib64") if Path(name).exists()}
        binds = [_bind(path, "ro") for path in sorted(system.union(installation()))]
        binds += [_bind(Path("/dev") / name, "rw") for name in DEVICES]
        binds += [_bind(path, "rw") for path in self.writable]
        proc = {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]}
        return [*([proc] if self.proc else []), *binds]


def _bind(path: Path, access: str) -> dict[str, Any]:
    return {"destination": str(path), "type": "bind", "source": str(path.resolve()), "options": ["rbind", access]}


def docker_rules(denied: frozenset[str], capabilities: frozenset[str]) -> dict[str, Any]:
    """Return Docker's default system call rules, less what is `denied`, in the OCI's words."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    administrator = "CAP_SYS_ADMIN" in capabilities
    refused = denied | {"clone", "clone3"} | (frozenset() if administrator else ADMINISTRATION)
    rules = []
    for row in json.loads(RULES.read_text())["syscalls"]:
        arches = row["includes"].get("arches", [machine])
        needed = row["includes"].get("caps", [])
        names = [name for name in row["names"] if name not in refused]
        if row["action"] == "SCMP_ACT_ALLOW" and machine in arches and capabilities.issuperset(needed) and names:
            rules.append({"names": names, "action": "SCMP_ACT_ALLOW", "args": row["args"] or []})
    only_processes = {"index": 0, "value": NAMESPACE_FLAGS, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    rules.append({"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [] if administrator else [only_processes]})
    # So that the C library falls back to clone, whose flags can be seen.
    rules.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS})
    return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": rules}
