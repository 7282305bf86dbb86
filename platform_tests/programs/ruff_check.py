# /// script
# dependencies = ["ruff"]
# ///
"""A command in Rust, as its module finds it and as its package tells."""

import subprocess
import sys

from ruff import find_ruff_bin

with open("untidy.py", "w") as stream:
    stream.write("import os, sys\nx = {  'a':1 }\n")
for arguments in (
    ["check", "--no-cache", "--output-format=concise", "untidy.py"],
    ["format", "--no-cache", "untidy.py"],
):
    done = subprocess.run([sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True)
    print(done.returncode, done.stdout)
with open("untidy.py") as stream:
    print(stream.read())
done = subprocess.run([find_ruff_bin(), "rule", "F401"], capture_output=True, text=True)
print(done.returncode, done.stdout.splitlines()[0])
