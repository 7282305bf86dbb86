"""What platform tags stand for."""

from __future__ import annotations

import pytest

from mempip.errors import UsageError
from mempip.installer.platforms import platform_of


@pytest.mark.parametrize(
    ("names", "tags", "system", "machine"),
    [
        (["win_amd64"], "win_amd64", "Windows", "AMD64"),
        (["Win32"], "win32", "Windows", "x86"),
        (["linux_x86_64"], "linux_x86_64", "Linux", "x86_64"),
        (["musllinux_1_1_aarch64"], "musllinux_1_1_aarch64 musllinux_1_0_aarch64", "Linux", "aarch64"),
        (["manylinux2014_s390x"], "manylinux_2_17_s390x manylinux2014_s390x", "Linux", "s390x"),
        (["manylinux1-i686"], "manylinux_2_5_i686 manylinux1_i686", "Linux", "i686"),
        (["linux_armv7l", "musllinux_1_0_armv7l"], "linux_armv7l musllinux_1_0_armv7l", "Linux", "armv7l"),
    ],
)
def test_tags_system_and_machine(names: list[str], tags: str, system: str, machine: str) -> None:
    found = platform_of(names)
    assert (list(found.tags), found.system, found.machine) == (tags.split(), system, machine)


def test_older_versions_are_taken_too() -> None:
    tags = platform_of(["manylinux_2_28_x86_64", "linux_x86_64", "manylinux2014_x86_64"]).tags
    assert tags[0] == "manylinux_2_28_x86_64"
    assert tags[-1] == "linux_x86_64"
    assert {"manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"} < set(tags)
    assert len(tags) == len(set(tags))
    assert {"macosx_14_0_arm64", "macosx_11_0_universal2"} < set(platform_of(["macosx_14_0_arm64"]).tags)


@pytest.mark.parametrize(
    ("name", "os_name", "sys_platform"),
    [("win_arm64", "nt", "win32"), ("macosx_10_12_x86_64", "posix", "darwin"), ("linux_riscv64", "posix", "linux")],
)
def test_markers(name: str, os_name: str, sys_platform: str) -> None:
    markers = platform_of([name]).markers()
    assert (markers["os_name"], markers["sys_platform"]) == (os_name, sys_platform)


@pytest.mark.parametrize("name", ["any", "windows", "macosx_11_0_universal2", "manylinux_2_x86_64", "", "x86_64"])
def test_what_is_no_platform(name: str) -> None:
    with pytest.raises(UsageError, match=r"platform: .* is no tag of a system and machine"):
        platform_of([name])


@pytest.mark.parametrize("other", ["linux_aarch64", "win_amd64"])
def test_one_machine_at_a_time(other: str) -> None:
    with pytest.raises(UsageError, match="are of different machines"):
        platform_of(["linux_x86_64", other])
