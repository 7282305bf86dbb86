"""The adapter of first choice: sections, and DLLs that are mapped from them by a loader of mempip's own."""

from __future__ import annotations

import sys

from mempip_native._adapter import Probe
from mempip_native.errors import AdapterUnavailable
from mempip_native.windows import sections

if sys.platform != "win32":
    raise ImportError("for Windows only")


class Mapped:
    """Sections backed by the paging file. ``seal`` leaves a handle that allows reading alone."""

    name = "mapped"

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`. Objects have no names here, and none can be executed as a program."""
        if executable:
            raise AdapterUnavailable("Windows starts programs from files only")
        return sections.drafts.new()

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        try:
            return sections.seal(fd)
        except OSError as error:
            raise AdapterUnavailable(f"a section could not be made: {error}") from error

    def path(self, fd: int) -> str:
        """Raise `AdapterUnavailable`: objects have no paths here."""
        raise AdapterUnavailable("memory objects have no paths on Windows")

    def probe(self) -> Probe:
        """See `Adapter.probe`."""
        content = b"mempip probe"
        try:
            draft = self.allocate("mempip probe")
            sections.drafts.append(draft, content)
            sealed = self.seal(draft)
            with sections.View(sealed) as view:
                read = view.read(len(content) + 1, 0)
            sections.close(sealed)
        except (AdapterUnavailable, OSError) as error:
            return Probe(self.name, False, str(error))
        if read != content:
            return Probe(self.name, False, "a sealed object does not hold what was written")
        return Probe(self.name, True)
