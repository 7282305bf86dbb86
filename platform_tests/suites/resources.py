"""importlib_resources' own tests, on archives or in memory: ``resources.py zip|memory FILE``."""

import contextlib
import importlib.abc  # noqa: F401 - the suite counts on it
import pkgutil
import sys
import unittest

import importlib_resources.tests
from importlib_resources.tests import util
from outcomes import write
from test.support import import_helper

from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel


@contextlib.contextmanager
def isolated_modules():
    """Stand in for what test.support has in newer Pythons."""
    saved = import_helper.modules_setup()
    try:
        yield
    finally:
        import_helper.modules_cleanup(*saved)


def files(tree, prefix=""):
    """Yield path and contents of each file in a tree of directories."""
    for name, content in tree.items():
        if isinstance(content, dict):
            yield from files(content, f"{prefix}{name}/")
        else:
            yield prefix + name, content


def tree_on_path(self, spec):
    """Stand in for the set-up that makes an archive."""
    made = environment(build_wheel("tree", "1.0", dict(files(spec))))
    made.activate()
    self.fixtures.callback(made.close)


if __name__ == "__main__":
    if not hasattr(import_helper, "isolated_modules"):
        import_helper.isolated_modules = isolated_modules
    if sys.argv[1] == "memory":
        util.ZipSetup.tree_on_path = tree_on_path
    package = importlib_resources.tests
    names = [module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    tests = [name for name in names if ".test_" in name]
    write(unittest.defaultTestLoader.loadTestsFromNames(tests), sys.argv[2])
