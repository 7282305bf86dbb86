"""CPython's own tests of imports: ``standard_library.py FILE``."""

import sys
import unittest

from outcomes import write

MODULES = ["test.test_importlib", "test.test_zipimport", "test.test_pkgutil", "test.test_runpy"]

if __name__ == "__main__":
    write(unittest.defaultTestLoader.loadTestsFromNames(MODULES), sys.argv[1])
