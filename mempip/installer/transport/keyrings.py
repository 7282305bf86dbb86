"""Credentials out of the system's keyring, by the keyring package or its command, as pip asks them.

Only where the user says so (``--keyring-provider``): a keyring may ask a person, and some write.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from mempip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

PROVIDERS = ("disabled", "auto", "import", "subprocess")
#: Seconds that the command may take; a person may have to unlock something.
PATIENCE = 60.0


class Keyring:
    """Asks one of `PROVIDERS`: ``auto`` is the package if it can be imported, else the command if there is one."""

    def __init__(self, provider: str) -> None:
        if provider not in PROVIDERS:
            raise UsageError("keyring_provider", f"{provider!r} is none of {', '.join(PROVIDERS)}")
        self._provider = provider

    def find(self, services: Iterable[str], user: str | None) -> tuple[str, str] | None:
        """Return user and password of the first of `services` that the keyring knows, or None.

        Raises `UsageError` if the provider is not there, fails, or does not answer.
        """
        if self._provider == "disabled":
            return None
        package = _package(required=self._provider == "import") if self._provider != "subprocess" else None
        command = _command(required=self._provider == "subprocess") if package is None else ""
        if package is None and not command:
            return None
        for service in services:
            found = _ask_package(package, service, user) if package else _ask_command(command, service, user)
            if found is not None:
                return found
        return None


def _package(*, required: bool) -> Any:
    try:
        return importlib.import_module("keyring")
    except ImportError:
        if required:
            raise UsageError(
                "keyring_provider", "keyring cannot be imported: install mempip with it, as 'mempip[keyring]'"
            ) from None
        return None


def _ask_package(package: Any, service: str, user: str | None) -> tuple[str, str] | None:
    try:
        found = package.get_credential(service, user)
    except Exception as fault:  # backends are anybody's
        raise UsageError("keyring_provider", f"the keyring failed with {type(fault).__name__}") from fault
    return None if found is None else (found.username, found.password)


def _command(*, required: bool) -> str:
    command = shutil.which("keyring") or ""
    if required and not command:
        raise UsageError("keyring_provider", "there is no command 'keyring' on PATH")
    return command


def _ask_command(command: str, service: str, user: str | None) -> tuple[str, str] | None:
    arguments = [command, "--mode=creds", "--output=json", "get", service, *([] if user is None else [user])]
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise UsageError("keyring_provider", f"{command} did not answer ({type(fault).__name__})") from fault
    if done.returncode == 2 and b"--mode=creds" in done.stderr:
        raise UsageError("keyring_provider", f"{command} is too old, it must be keyring 25.2.1 or newer")
    if done.returncode != 0:
        return None
    try:
        answer = json.loads(done.stdout)
        return str(answer["username"]), str(answer["password"])
    except (ValueError, KeyError, TypeError):
        raise UsageError("keyring_provider", f"{command} answered something that is no credential") from None
