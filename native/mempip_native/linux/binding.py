"""Rewrites a library's needs so that they name a descriptor instead of a SONAME.

A linker finds a bundled dependency by the SONAME of what is loaded already. That fails for libraries that
need each other, for two libraries of one SONAME, and always on musl. There the name in DT_NEEDED is
overwritten, in a private copy before it is sealed, in one of two ways:

* by a full path ``/proc/PID/fd/N`` if it is long enough for that;
* else by the bare number ``N``, and DT_RUNPATH or DT_RPATH by ``$ORIGIN``: the origin of a library that was
  loaded as ``/proc/PID/fd/M`` is that directory of descriptors.

Names lie in a string table that linkers and patchelf share out: a byte is overwritten only if nothing but
this name uses it. The names in DT_VERNEED must change along: glibc aborts the process otherwise.
"""

from __future__ import annotations

import os

from mempip_native.errors import InvalidElf, Unbindable
from mempip_native.linux.elf import (
    DT_GNU_HASH,
    DT_HASH,
    DT_NEEDED,
    DT_RPATH,
    DT_RUNPATH,
    DT_SYMENT,
    DT_SYMTAB,
    DT_VERDEF,
    DT_VERDEFNUM,
    DT_VERNEED,
    MAX_ENTRIES,
    STRING_TAGS,
    Elf,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mempip_native.linux.elf import Buffer

ORIGIN = b"$ORIGIN"
EM_S390 = 22
MAX_SYMBOLS = 4_000_000


def bind(elf: Elf, data: Buffer, targets: Mapping[str, tuple[int, str]]) -> list[tuple[int, bytes]]:
    """Return the edits, (offset in the file, bytes), that make each name in `targets` mean its descriptor.

    `targets` maps a DT_NEEDED name to (descriptor number, path of that descriptor). Raises `Unbindable`.
    """
    needed = {name: set[int]() for name in targets}
    for tag, index, _ in elf.dynamic:
        if tag == DT_NEEDED and (name := elf.string(index)) in needed:
            needed[name].add(index)
    for index, name, _ in elf.version_needs():
        if name in needed:
            needed[name].add(index)
    edits: dict[int, tuple[str, bytes]] = {}
    through_origin = False
    for name, (number, path) in targets.items():
        room, full = len(os.fsencode(name)), os.fsencode(path)
        bare = b"%d" % number
        text = full if len(full) <= room else bare
        if len(text) > room or (number < 0 and text is bare):
            raise Unbindable(f"the name {name} has no room for a descriptor number")
        through_origin = through_origin or text is bare
        edits.update((index, (name, text)) for index in needed[name])
    if through_origin:
        edits.update(_origin(elf))
    _check_exclusive(elf, data, edits)
    return [
        (elf.strings_at + index, text + bytes(len(os.fsencode(name)) - len(text) + 1))
        for index, (name, text) in sorted(edits.items())
    ]


def _origin(elf: Elf) -> dict[int, tuple[str, bytes]]:
    """Return the edit that makes the run path ``$ORIGIN``."""
    for tag in (DT_RUNPATH, DT_RPATH):  # linkers ignore the latter if the former is there
        index = elf.value(tag)
        if index is None:
            continue
        name = elf.string(index)
        if name == os.fsdecode(ORIGIN):
            return {}
        if len(os.fsencode(name)) >= len(ORIGIN):
            return {index: (name, ORIGIN)}
        raise Unbindable(f"its run path {name!r} has no room for $ORIGIN")
    raise Unbindable("its needs have no room for a path, and it has no run path that could be rewritten")


def _check_exclusive(elf: Elf, data: Buffer, edits: Mapping[int, tuple[str, bytes]]) -> None:
    """Raise `Unbindable` if another name shares a byte with one that is to be overwritten."""
    spans = {}
    for index, (name, _) in edits.items():
        at = elf.strings_at + index
        if index and data[at - 1 : at] != b"\0":
            raise Unbindable(f"the name {name} is the end of a longer name in the string table")
        spans[index] = index + len(os.fsencode(name))
    for index in _references(elf):
        if any(start < index <= end for start, end in spans.items()):
            raise Unbindable(f"the name {elf.string(index)!r} shares bytes with one that would be overwritten")
    used = set(_foreign_references(elf)) & set(spans)
    if used:
        raise Unbindable(f"the name {elf.string(min(used))!r} is in use for something else, too")


def _references(elf: Elf) -> Iterator[int]:
    """Yield every index into the string table."""
    yield from (index for tag, index, _ in elf.dynamic if tag in STRING_TAGS)
    yield from (index for index, _, _ in elf.version_needs())
    yield from _foreign_references(elf)


def _foreign_references(elf: Elf) -> Iterator[int]:
    """Yield the indices of what is not the name or run path of a needed library: own names, symbols, versions."""
    yield from (v for tag, v, _ in elf.dynamic if tag in STRING_TAGS - {DT_NEEDED, DT_RPATH, DT_RUNPATH})
    yield from _symbol_names(elf)
    yield from _version_names(elf)


def _symbol_names(elf: Elf) -> Iterator[int]:
    table, size = elf.value(DT_SYMTAB), elf.value(DT_SYMENT)
    if table is None or not size:
        return
    start = elf.offset(table)
    for number in range(_symbol_count(elf)):
        yield elf.unpack("I", start + number * size)[0]


def _symbol_count(elf: Elf) -> int:
    if (address := elf.value(DT_HASH)) is not None:
        word = "Q" if elf.bits == 64 and elf.machine == EM_S390 else "I"
        count = elf.unpack(2 * word, elf.offset(address))[1]
    elif (address := elf.value(DT_GNU_HASH)) is not None:
        count = _gnu_hash_count(elf, elf.offset(address))
    else:
        raise Unbindable("it has no hash table, so its symbols cannot be counted")
    if count > MAX_SYMBOLS:
        raise InvalidElf("too many symbols")
    return count


def _gnu_hash_count(elf: Elf, start: int) -> int:
    """Return the number of symbols by following the last chain of a DT_GNU_HASH table to its end."""
    buckets, first, bloom, _ = elf.unpack("4I", start)
    if buckets > MAX_SYMBOLS:
        raise InvalidElf("too many symbols")
    buckets_at = start + 16 + bloom * elf.bits // 8
    last = max(elf.unpack(f"{buckets}I", buckets_at), default=0)
    if last < first:
        return first
    chains_at = buckets_at + 4 * buckets
    while not elf.unpack("I", chains_at + 4 * (last - first))[0] & 1:
        last += 1
    return last + 1


def _version_names(elf: Elf) -> Iterable[int]:
    """Yield the indices of version names, of those needed and those defined."""
    address = elf.value(DT_VERNEED)
    if address is not None:
        yield from _walk(elf, elf.offset(address), "HHIII", (3, 4), "IHHII", (3, 4))
    address = elf.value(DT_VERDEF)
    if address is not None and elf.value(DT_VERDEFNUM):
        yield from _walk(elf, elf.offset(address), "HHHHIII", (5, 6), "II", (0, 1))


def _walk(
    elf: Elf, offset: int, outer: str, outer_links: tuple[int, int], inner: str, inner_fields: tuple[int, int]
) -> Iterator[int]:
    """Yield the name of each inner entry of a version table; links are relative offsets, 0 at the end."""
    name, step = inner_fields
    row = elf.unpack(outer, offset)
    entry = offset + row[outer_links[0]]
    for _ in range(MAX_ENTRIES):
        fields = elf.unpack(inner, entry)
        yield fields[name]
        if fields[step]:
            entry += fields[step]
        elif row[outer_links[1]]:
            offset += row[outer_links[1]]
            row = elf.unpack(outer, offset)
            entry = offset + row[outer_links[0]]
        else:
            return
    raise InvalidElf("too many symbol versions")
