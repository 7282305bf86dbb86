"""The adapter: POSIX shared memory."""

from __future__ import annotations

import mmap
import sys

from mempip_native._adapter import Probe
from mempip_native.errors import AdapterUnavailable
from mempip_native.macos import shared_memory

if sys.platform == "win32":
    raise ImportError("for POSIX only")


class SharedMemory:
    """POSIX shared memory without a name. ``seal`` leaves a descriptor that can be mapped for reading alone."""

    name = "shm"

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`. Objects have no names here, and none can be executed as a program."""
        if executable:
            raise AdapterUnavailable("macOS starts programs from files only")
        return shared_memory.drafts.new()

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        try:
            return shared_memory.seal(fd)
        except PermissionError as error:
            raise AdapterUnavailable(f"shared memory is refused: {error.strerror}") from error

    def path(self, fd: int) -> str:
        """Raise `AdapterUnavailable`: objects have no paths here."""
        raise AdapterUnavailable("memory objects have no paths on macOS")

    def probe(self) -> Probe:
        """See `Adapter.probe`. Libraries are not loaded from objects here: `LibraryLoader.probe` is about those."""
        content = b"mempip probe"
        try:
            draft = self.allocate("mempip probe")
            shared_memory.drafts.append(draft, content)
            sealed = self.seal(draft)
        except (AdapterUnavailable, OSError) as error:
            remedy = "The sandbox of an application forbids shared memory; run Python outside of it."
            return Probe(self.name, False, str(error), remedy)
        try:
            with shared_memory.View(sealed) as view:
                if view.contents != content:
                    return Probe(self.name, False, "a sealed object does not hold what was written")
            if _can_be_written(sealed):
                return Probe(self.name, False, "a sealed object can still be written to")
        finally:
            shared_memory.close(sealed)
        return Probe(self.name, True)


def _can_be_written(fd: int) -> bool:
    try:
        mmap.mmap(fd, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE).close()
    except OSError:
        return False
    return True
