"""Puts functions in the place of others, wherever a module holds them, and back."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: Their modules keep the originals.
_OURS = ("mempip", "mempip_native")
#: The modules in which importlib asks the kernel, and the overlay the originals.
_LEFT_ALONE = ("posix", "nt")
#: Modules of the standard library whose classes hold functions of `os` and `io`, in some Python.
_WITH_CLASSES = ("glob", "pathlib", "pathlib._local")


def replace(pairs: Mapping[Any, Any]) -> None:
    """Put the values of `pairs` in the place of its keys: in every module, and in the sets ``os.supports_…``.

    Modules keep functions under names of their own (``from os import stat``), so all are looked through, by
    identity; what a module computes with a function or hides in a container is not found.
    """
    by_identity = {id(old): new for old, new in pairs.items()}
    for name, module in list(sys.modules.items()):
        if name in _LEFT_ALONE or name.partition(".")[0] in _OURS:
            continue
        namespace = getattr(module, "__dict__", None)
        if type(namespace) is dict and not by_identity.keys().isdisjoint(map(id, list(namespace.values()))):
            for attribute, value in list(namespace.items()):
                if id(value) in by_identity:
                    namespace[attribute] = by_identity[id(value)]
    for owner, attribute, value in _held_by_classes():
        function = value.__func__ if isinstance(value, staticmethod) else value
        if id(function) in by_identity:
            new = by_identity[id(function)]
            setattr(owner, attribute, staticmethod(new) if isinstance(value, staticmethod) else new)
    for name in vars(os):
        if name.startswith("supports_") and isinstance(functions := getattr(os, name), set):
            for function in [function for function in functions if id(function) in by_identity]:
                functions.remove(function)
                functions.add(by_identity[id(function)])


def _held_by_classes() -> Iterator[tuple[type, str, Any]]:
    for name in _WITH_CLASSES:
        for owner in list(vars(sys.modules.get(name, sys)).values()):
            if isinstance(owner, type) and owner.__module__ == name:
                for attribute, value in list(vars(owner).items()):
                    yield owner, attribute, value
