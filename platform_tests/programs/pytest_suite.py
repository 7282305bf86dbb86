# /// script
# dependencies = [
#     "pytest", "pytest-mock", "pytest-asyncio", "pytest-xdist", "pytest-timeout", "hypothesis", "pytest-cov",
# ]
# ///
"""Tests with plugins that are entry points, asserts that are rewritten, and workers that are children."""

import re
import subprocess
import sys

with open("test_teas.py", "w") as stream:
    stream.write(
        "import pytest\nfrom hypothesis import given, settings, strategies\n"
        "def test_right(mocker):\n    mocked = mocker.patch('os.getcwd', return_value='/')\n"
        "    import os\n    assert os.getcwd() == '/'\n"
        "def test_wrong():\n    assert [1, 2, 3] == [1, 2, 4]\n"
        "@pytest.mark.asyncio\nasync def test_awaited():\n    assert True\n"
        "@settings(database=None, derandomize=True)\n@given(strategies.integers())\n"
        "def test_any(number):\n    assert number * 2 % 2 == 0\n"
    )
for options in ([], ["-n2"], ["--cov=test_teas", "--cov-report=term"]):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_teas.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    out = re.sub(r"in [\d.]+s", "in no time", done.stdout)
    print(
        done.returncode,
        sorted(line for line in out.splitlines() if line.startswith(("E ", "FAILED", "1 failed", "test_teas"))),
    )
done = subprocess.run([sys.executable, "-m", "pytest", "--trace-config"], capture_output=True, text=True)
print(sorted(re.findall(r"^  (pytest[\w-]+|hypothesispytest)-", done.stdout, re.MULTILINE)))
