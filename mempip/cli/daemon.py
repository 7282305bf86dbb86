"""``mempip daemon``: start, status, stop."""

from __future__ import annotations

import json
import os
import sys

from mempip.cli.progress import printable
from mempip.errors import UsageError
from mempip.store.client import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    import logging
    from collections.abc import Callable
    from typing import Any

LEVELS = ("INFO", "DEBUG")


def _start(parsed: argparse.Namespace) -> int:
    _require_linux()
    import logging

    from mempip.store.daemon.engine import KEY
    from mempip.store.daemon.main import serve
    from mempip.store.daemon.settings import Settings

    level = LEVELS[min(parsed.verbose, len(LEVELS) - 1)]
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(parsed.log))
    logging.basicConfig(level=level, handlers=[handler])
    # Others can read command lines, and what is built for clients the environment.
    url, parsed.upstream_key = (os.environ.pop(name, None) for name in ("MEMPIP_UPSTREAM", KEY))
    parsed.upstream = parsed.upstream or url
    chosen = {name: value for name in Settings.__slots__ if (value := getattr(parsed, name, None)) is not None}

    def ready(path: str) -> None:
        print(f"Listening at {path}", flush=True)

    serve(parsed.socket or os.environ.get(VARIABLE, ""), Settings(**chosen), ready)
    return 0


def _formatter(kind: str) -> logging.Formatter:
    """Return what writes a log: lines for people, or a JSON object each."""
    import logging

    class Json(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            row = {"time": record.created, "level": record.levelname, "message": record.getMessage()}
            if record.exc_info:
                row["traceback"] = self.formatException(record.exc_info)
            return json.dumps(row)

    return Json() if kind == "json" else logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s")


def _status(parsed: argparse.Namespace) -> int:
    status = _ask(parsed, "status")["status"]
    if parsed.json:
        print(json.dumps(status, indent=2))
        return 0
    rows = {
        "Version": f"{status['version']} (protocol {status['protocol']})",
        "Process": f"{status['pid']}, of user {status['uid']}, up for {status['uptime']:.0f} s",
        "Clients": f"{status['clients']} connected",
        "Images": f"{status['served']} handed out, {status['reused']} of them were there",
        "Installing": ", ".join(" ".join(row["requirements"]) for row in status["installing"]) or "nothing",
        "Queued": str(status["queued"]),
        "Wheels": f"{len(status['wheels'])}, {status['wheel_bytes'] / 1e6:.1f} MB",
        "Kept": f"{status['bytes'] / 1e6:.1f} MB of {status['limit'] / 1e6:.1f} MB; {status['evicted']} wheels dropped",
        "Resolutions": str(status["resolutions"]),
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name + ':':{width + 1}} {printable(value)}")
    return 0


def _dump(parsed: argparse.Namespace) -> int:
    _require_linux()
    from mempip.store import mempipd
    from mempip.store.daemon import snapshot

    contents, objects = mempipd.contents(_socket(parsed))
    size = snapshot.write(parsed.file, contents, objects)
    print(f"{parsed.file}: {len(contents['wheels'])} wheels, {size / 1e6:.1f} MB")
    return 0


def _stop(parsed: argparse.Namespace) -> int:
    answer = _ask(parsed, "stop")
    print(f"The daemon of process {answer['pid']} stops.")
    return 0


def _ask(parsed: argparse.Namespace, kind: str) -> dict[str, Any]:
    _require_linux()
    from mempip.store import mempipd

    return mempipd.ask(_socket(parsed), {"type": kind})


def _socket(parsed: argparse.Namespace) -> str:
    from mempip.store.place import default_socket

    path: str = parsed.socket or os.environ.get(VARIABLE, "") or default_socket()
    return path


def _require_linux() -> None:
    if sys.platform != "linux":
        raise UsageError("daemon", "there is no daemon for this operating system")


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "start": _start,
    "status": _status,
    "dump": _dump,
    "stop": _stop,
}
