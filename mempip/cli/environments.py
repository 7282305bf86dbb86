"""``mempip env``, and what other commands ask of the environments that a daemon keeps."""

from __future__ import annotations

from mempip.cli.progress import printable
from mempip.store import client

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from typing import Any


def projects(name: str, daemon: str | None) -> set[str]:
    """Return what an environment has, as ``NAME==VERSION``; nothing if there is none of that name."""
    return {project for row in _rows(daemon) if row["name"] == name for project in row["projects"]}


def uninstall(name: str, gone: Sequence[str], daemon: str | None) -> None:
    """Take projects out of an environment. Raises `NotInstalled`: nothing has changed then."""
    _ask(daemon, {"type": "uninstall", "environment": name, "projects": [*gone]})


def _list(parsed: argparse.Namespace) -> int:
    for row in _rows(parsed.daemon):
        print(f"{row['name']}  version {row['version']}  {printable(' '.join(row['projects']))}")
    return 0


def _remove(parsed: argparse.Namespace) -> int:
    for name in parsed.names:
        _ask(parsed.daemon, {"type": "remove", "environment": name})
    return 0


def _rows(daemon: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _ask(daemon, {"type": "environments"})["environments"]
    return rows


def _ask(daemon: str | None, request: dict[str, Any]) -> dict[str, Any]:
    path = client.socket_of(daemon, needed=True)
    from mempip.store import mempipd

    return mempipd.ask(path, request)


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {"list": _list, "remove": _remove}
