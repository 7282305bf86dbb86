"""Real OCI containers without an image: crun, with read-only binds of this machine's /usr and Python.

What a container may do is stated as data: an OCI configuration, and Docker's default seccomp rules, made from
Debian's copy of Podman's by the differences between the two.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from platform_tests.support.tools import require, require_root, require_tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REPOSITORY = Path(__file__).resolve().parents[2]
#: Bound one by one: the checkout itself may be in a directory that only its owner may enter.
CODE = [REPOSITORY / name for name in ("mempip", "native", "platform_tests", "tests")]
PODMAN_PROFILE = Path("/usr/share/containers/seccomp.json")
TIMEOUT = 300.0  # seconds; for a container that hangs

#: What Docker gives to a container's root.
DOCKER_CAPABILITIES = tuple(
    "CAP_" + name
    for name in "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE "
    "SYS_CHROOT KILL AUDIT_WRITE".split()
)
#: What Podman's profile allows and Docker's does only with CAP_SYS_ADMIN.
DOCKER_DENIES = frozenset(
    "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns umount umount2 "
    "unshare".split()
)
NEW_NAMESPACES = 0x7E020000  # flags of clone(2)
EPERM, ENOSYS = 1, 38

Profile = Literal["docker", "podman", "unconfined"]


class Containers:
    """Runs commands, each in a new container whose files are in `directory` as long as it runs."""

    def __init__(self, directory: Path) -> None:
        require_root()
        self._crun = require_tool("crun", "crun")
        self._unshare = require_tool("unshare", "util-linux")
        require(
            PODMAN_PROFILE.exists(), f"{PODMAN_PROFILE} is not here: apt-get install golang-github-containers-common"
        )
        self._directory = directory
        self._numbers = itertools.count()

    def run(
        self,
        argv: Sequence[str],
        *,
        uid: int = 65534,
        mapped: int = 0,
        capabilities: Sequence[str] = (),
        readonly: bool = True,
        proc: bool = True,
        shm: Literal["", "noexec", "exec"] = "",
        profile: Profile = "docker",
        deny: Sequence[str] = (),
        memory: int | None = None,
        memfd_noexec: int | None = None,
        env: Mapping[str, str] | None = None,
        binds: Iterable[Path | str] = (),
        cwd: str = "/",
    ) -> subprocess.CompletedProcess[str]:
        """Run `argv` and return what it printed. No new privileges, and the loopback network of this machine.

        `mapped`: the container has a user namespace, in which its users, from 0 on, are this machine's from there on.
        `shm` is how /dev/shm is mounted, empty for not at all. `deny` are system calls that fail with EPERM.
        `memory` is a limit of the memory control group in bytes. `memfd_noexec` is the value of that sysctl.
        `binds` are read-only at the path that they have here, with the modes that they have here.
        """
        name = f"mempip-{os.getpid()}-{next(self._numbers)}"
        bundle = self._directory / name
        root = bundle / "rootfs"
        root.mkdir(parents=True)
        mounts = [*_file_systems(proc, shm), *_binds(root, [sys.base_prefix, sys.prefix, *CODE, *binds])]
        seccomp = None if profile == "unconfined" else seccomp_rules(profile, capabilities, deny)
        users = [{"containerID": 0, "hostID": mapped, "size": 65536}]
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "LANG": "C.UTF-8"} | dict(env or {})
        configuration = {
            "ociVersion": "1.0.2",
            "root": {"path": "rootfs", "readonly": readonly},
            "process": {
                "user": {"uid": uid, "gid": uid},
                "args": list(argv),
                "env": [f"{key}={value}" for key, value in environment.items()],
                "cwd": cwd,
                "capabilities": {kind: list(capabilities) for kind in ("bounding", "effective", "permitted")},
                "noNewPrivileges": True,
            },
            "mounts": mounts,
            "linux": {
                "namespaces": [
                    {"type": kind} for kind in ("pid", "mount", "ipc", "uts", *(["user"] if mapped else []))
                ],
                "cgroupsPath": f"/{name}",
                "resources": {"memory": {"limit": memory, "swap": memory}} if memory else {},
            }
            | ({"seccomp": seccomp} if seccomp else {})
            | ({"uidMappings": users, "gidMappings": users} if mapped else {}),
        }
        (bundle / "config.json").write_text(json.dumps(configuration))
        try:
            return self._start(bundle, name, memfd_noexec)
        finally:
            shutil.rmtree(bundle)

    def python(self, code: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run `code` in this interpreter in a container; `options` are those of `run`."""
        return self.run([sys.executable, "-c", code], **options)

    def _start(self, bundle: Path, name: str, memfd_noexec: int | None) -> subprocess.CompletedProcess[str]:
        # crun does not take a hybrid of both versions of control groups: hide the second.
        script = "umount /sys/fs/cgroup/unified 2>/dev/null; "
        if memfd_noexec is not None:  # the sysctl is of a pid namespace and inherited by those within
            script += f"echo {memfd_noexec} >/proc/sys/vm/memfd_noexec || exit 125; "
        script += 'exec "$0" "$@"'
        namespaces = ["--mount"] if memfd_noexec is None else ["--mount", "--pid", "--fork", "--mount-proc"]
        crun = [
            self._crun,
            "--root",
            str(bundle / "state"),
            "--cgroup-manager",
            "cgroupfs",
            "run",
            "--bundle",
            str(bundle),
        ]
        command = [self._unshare, *namespaces, "sh", "-c", script, *crun, name]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)


def seccomp_rules(profile: Profile, capabilities: Sequence[str] = (), deny: Sequence[str] = ()) -> dict[str, Any]:
    """Return the rules of `profile` as an OCI configuration has them, for a container with `capabilities`."""
    podman = json.loads(PODMAN_PROFILE.read_text())
    docker = profile == "docker"
    machine = os.uname().machine
    rules = []
    for rule in podman["syscalls"]:
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        if not set(wanted.get("caps", ())) <= set(capabilities) or set(unwanted.get("caps", ())) & set(capabilities):
            continue
        if (
            wanted.get("arches")
            and {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine) not in wanted["arches"]
        ):
            continue
        if docker and rule["action"] != "SCMP_ACT_ALLOW":
            continue  # its refusals are the default
        lost = set(deny) | ({"clone", "clone3"} if docker else set())
        lost |= DOCKER_DENIES if docker and "CAP_SYS_ADMIN" not in capabilities else frozenset()
        names = [name for name in rule["names"] if name not in lost]
        if names:
            rules.append({key: rule[key] for key in ("action", "args", "errnoRet") if rule.get(key)} | {"names": names})
    if docker:
        no_namespace = {"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
        rules.append({"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [no_namespace]})
        rules.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS})
    if deny:
        rules.append({"names": list(deny), "action": "SCMP_ACT_ERRNO", "errnoRet": EPERM})
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM if docker else podman["defaultErrnoRet"],
        "syscalls": rules,
    }


def _file_systems(proc: bool, shm: str) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [
        {
            "destination": "/dev",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
        }
    ]
    if proc:
        mounts.insert(0, {"destination": "/proc", "type": "proc", "source": "proc"})
    if shm:
        options = ["nosuid", "nodev", "mode=1777", "size=67108864", *(["noexec"] if shm == "noexec" else [])]
        mounts.append({"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": options})
    return mounts


def _binds(root: Path, paths: Iterable[Path | str]) -> list[dict[str, Any]]:
    """Make the places for binds in `root` and return the mounts; what is a link in / becomes one there."""
    for name in ("proc", "dev", "sys", "tmp"):
        (root / name).mkdir()
    directories = {Path("/usr"), Path("/etc"), *map(Path, paths)}
    for name in ("/bin", "/lib", "/lib32", "/lib64", "/sbin"):
        path = Path(name)
        if path.is_symlink():
            (root / name[1:]).symlink_to(path.readlink())
        elif path.exists():
            directories.add(path)
    mounts = []
    for path in sorted(directories):
        place = root / str(path)[1:]
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        options = ["rbind", "ro", "nosuid", "nodev"]
        mounts.append({"destination": str(path), "type": "bind", "source": str(path), "options": options})
    return mounts
