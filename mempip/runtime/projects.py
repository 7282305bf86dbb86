"""Projects on PyPI that look for files where wheels on disk have them, and are told where they are in memory."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.runtime.adaptations import Adaptation


def _jupyter(paths: Any) -> Callable[[], None]:
    """Jupyter looks for templates, kernels and pages below ``sys.prefix``, where wheels install them."""
    from mempip.runtime.environment import KNOWN

    roots = [path for path in sys.path if path in KNOWN]
    found = [
        (paths.ENV_JUPYTER_PATH, [f"{root}/share/jupyter" for root in roots]),
        (paths.ENV_CONFIG_PATH, [f"{root}/etc/jupyter" for root in roots]),
    ]
    for where, directories in found:
        where[:0] = directories

    def undo() -> None:
        for where, directories in found:
            for directory in directories:
                where.remove(directory)

    return undo


ADAPTED: dict[str, Adaptation] = {"jupyter_core.paths": _jupyter}
