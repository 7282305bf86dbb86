"""An index in a dictionary: what resolution is tested against."""

from __future__ import annotations

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from mempip.errors import ProjectNotFound, SourceRefused
from mempip.installer.index.model import Candidate, Metadata, ProjectFile
from mempip.installer.requirements import parse_constraint, parse_requirement
from mempip.installer.resolution import resolve, resolver
from mempip.installer.target import Target

TARGET = Target.current()


class MemoryCatalog:
    """``MemoryCatalog({"a": {"1.0": ["b>=2"]}})``: project → version → what it requires.

    Instead of a list, a version may have a dictionary with ``requires``, ``extras``, ``requires_python``, ``yanked``
    or ``broken`` (an error to raise instead of metadata).
    """

    def __init__(self, projects):
        self.pages = {}
        self.releases = {}
        self.asked = []
        self.ahead = []
        for name, versions in projects.items():
            candidates = []
            for version, contents in versions.items():
                release = contents if isinstance(contents, dict) else {"requires": contents}
                filename = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
                self.releases[filename] = release
                file = ProjectFile(filename, f"https://index/{filename}", yanked=release.get("yanked"))
                candidates.append(Candidate(canonicalize_name(name), Version(version), file, 0))
            candidates.sort(key=lambda candidate: candidate.version, reverse=True)
            self.pages[canonicalize_name(name)] = candidates

    def candidates(self, name):
        self.asked.append(name)
        if name not in self.pages:
            raise ProjectNotFound(name, ["https://index/"])
        return self.pages[name]

    def metadata(self, candidate):
        release = self.releases[candidate.file.filename]
        self.asked.append(candidate.file.filename)
        if "broken" in release:
            raise release["broken"]
        name, version, _, _ = parse_wheel_filename(candidate.file.filename)
        requires = tuple(map(Requirement, release.get("requires", ())))
        extras = frozenset(map(canonicalize_name, release.get("extras", ())))
        return Metadata(name, version, requires, extras, SpecifierSet(release.get("requires_python", "")))

    def direct(self, file):
        raise SourceRefused(file.url, "nothing is built here")

    def prefetch_metadata(self, candidate):
        self.ahead.append(candidate.file.filename)

    def explain(self, name, requirement):
        versions = ", ".join(str(candidate.version) for candidate in self.pages[name])
        return [f"versions of {name}: {versions}"]


def pinned(resolution):
    """The versions of a resolution by name, as strings."""
    return {name: str(pin.candidate.version) for name, pin in resolution.pins.items()}


def record_visits(monkeypatch):
    """Return a set to which every candidate that a search pins from now on is added, as ``name-version``."""
    visited = set()

    class Visits(resolver.History):
        def pinning(self, candidate):
            visited.add(f"{candidate.name}-{candidate.version}")
            super().pinning(candidate)

    monkeypatch.setattr(resolver, "History", Visits)
    return visited


def solve(projects, *requirements, constraints=(), **options):
    """Resolve strings against projects; return the `Resolution`."""
    catalog = projects if isinstance(projects, MemoryCatalog) else MemoryCatalog(projects)
    return resolve(
        [parse_requirement(text) for text in requirements],
        catalog,
        options.pop("target", TARGET),
        constraints=[parse_constraint(text) for text in constraints],
        **options,
    )
