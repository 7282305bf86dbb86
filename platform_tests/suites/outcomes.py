"""Runs unittest's suites and tells the outcome of every test as JSON."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any


class Outcomes(unittest.TestResult):
    """Remembers the outcome of each test by its id; the worst, if it has several."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's names
        super().startTest(test)
        self.found.setdefault(test.id(), "passed")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        self.found[test.id()] = "skipped"

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self._failed(test, err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self._failed(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._failed(test, err)

    def _failed(self, test: unittest.TestCase, err: Any) -> None:
        self.found[test.id()] = "failed"
        print(test.id(), self._exc_info_to_string(err, test), sep="\n")


def write(suite: unittest.TestSuite, file: str) -> None:
    """Run `suite`, print what fails, and write what became of each test to `file`."""
    outcomes = Outcomes()
    suite.run(outcomes)
    Path(file).write_text(json.dumps(outcomes.found, indent=1))
