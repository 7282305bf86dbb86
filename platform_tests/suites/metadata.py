"""importlib_metadata's own tests, on archives or in memory: ``metadata.py zip|memory FILE``.

Its tests are importable as ``metadata_tests``.
"""

import sys
import unittest
from importlib import resources

import metadata_tests
from metadata_tests import fixtures
from outcomes import write

from tests.support.environments import environment

MODULES = ["test_api", "test_integration", "test_main", "test_protocols", "test_zip"]
on_archive = fixtures.ZipFixtures._fixture_on_path


def fixture_on_path(self, filename):
    """Stand in for the set-up that puts an archive on the path; eggs are none of ours."""
    if not filename.endswith(".whl"):
        on_archive(self, filename)
        return
    made = environment((filename, resources.files(self.root).joinpath(filename).read_bytes()))
    made.activate()
    sys.path.remove(made.root)
    sys.path.insert(0, made.root)
    self.resources.callback(made.close)


if __name__ == "__main__":
    fixtures.ZipFixtures.root = f"{metadata_tests.__name__}.data"
    if sys.argv[1] == "memory":
        fixtures.ZipFixtures._fixture_on_path = fixture_on_path
    names = [f"{metadata_tests.__name__}.{module}" for module in MODULES]
    write(unittest.defaultTestLoader.loadTestsFromNames(names), sys.argv[2])
