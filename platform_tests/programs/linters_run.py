# /// script
# dependencies = ["pylint", "flake8", "flake8-bugbear", "isort", "yapf", "autopep8", "bandit", "vulture"]
# ///
"""Linters and formatters: plugins by entry points, grammars and configuration of packages, workers."""

import subprocess
import sys

with open("untidy.py", "w") as stream:
    stream.write('import sys, os\nimport json\ndef brew(tea=[]):\n    exec(tea)\n    x = {  "a":1 }\n')
for command in (
    ["pylint", "--score=n", "--jobs=2", "untidy.py"],
    ["flake8", "untidy.py"],
    ["isort", "--diff", "untidy.py"],
    ["yapf", "untidy.py"],
    ["autopep8", "untidy.py"],
    ["bandit", "-q", "-f", "csv", "untidy.py"],
    ["vulture", "untidy.py"],
):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("---", "+++"))]
    print(command[0], done.returncode, *lines, sep="\n")
