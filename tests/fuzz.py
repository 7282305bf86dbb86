"""Looks for bytes that a reader does not bear, guided by what they make it do.

``python -m tests.fuzz TARGET SECONDS DIRECTORY``. The targets are those of `tests.support.fuzz_targets`. If some bytes
raise what they should not, take 10 seconds, or 1 GB, it ends with a status other than 0, and they are in a file of the
directory, beside those that it began with and came by.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mempip"]):
    from tests.support.fuzz_targets import TARGETS


def main() -> None:
    """Do what the command line says."""
    name, seconds, directory = sys.argv[1:]
    target = TARGETS[name]
    corpus = Path(directory, name)
    corpus.mkdir(exist_ok=True)
    Path(corpus, "sample").write_bytes(target.sample)
    bounds = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=8192"]
    atheris.Setup([sys.argv[0], *bounds, f"-artifact_prefix={directory}/", str(corpus)], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
