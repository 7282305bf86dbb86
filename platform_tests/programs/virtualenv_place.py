# /// script
# dependencies = ["virtualenv"]
# ///
"""Environments that are made of wheels in a package, for an interpreter that is asked by a script of it."""

import subprocess
import sys

command = [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "--app-data", "data", "place"]
print(subprocess.run(command).returncode)
done = subprocess.run(["place/bin/python", "-m", "pip", "--version"], capture_output=True, text=True)
print(done.returncode, done.stdout.startswith("pip "))
