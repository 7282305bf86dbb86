"""Which files of the user's say what to install, and what is in them: so that a daemon can tell equal requests.

Light half: the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mempip.options import InstallOptions

#: What names further requirement files. What only looks like it costs a look at a file.
_FURTHER = re.compile(rb"(?:^|\s)(?:-r|-c|--requirement|--constraint)[ \t=]*(\S+)")


def describe(options: InstallOptions) -> dict[str, Any] | None:
    """Return a digest of the files that `options` name, and the directory that their names are seen from.

    ``None`` if there are none, or if only an installer can tell what they say: they name addresses or variables, or
    cannot be read.
    """
    if not options.names_files:
        return None
    groups = (group.rpartition(":")[0] or "pyproject.toml" for group in options.groups)
    lock = options.lock.partition("[")[0]
    single = [*options.script_files, *groups, *filter(None, (options.program, lock))]
    digest = hashlib.sha256()
    left = [*options.requirement_files, *options.constraint_files, *options.build_constraint_files, *single]
    seen = set()
    try:
        while left:
            path = os.path.abspath(left.pop(0))
            if path in seen:
                continue
            seen.add(path)
            if not os.path.isfile(path):  # a pipe can be read once
                return None
            with open(path, "rb") as file:
                data = file.read()
            if b"${" in data:
                return None
            digest.update(b"%s\0%d\0%s" % (os.fsencode(path), len(data), data))
            for name in _FURTHER.findall(data):
                further = os.fsdecode(name)
                if "://" in further:
                    return None
                left.append(os.path.join(os.path.dirname(path), further))
        return {"digest": digest.hexdigest(), "directory": os.getcwd()}
    except (OSError, ValueError):
        return None
