# /// script
# dependencies = ["playwright"]
# ///
"""A packaged node that runs packaged scripts: the command line."""

import subprocess

from playwright._impl._driver import compute_driver_executable, get_driver_env

node, script = compute_driver_executable()
command = [node, script, "--version"]
print(subprocess.run(command, capture_output=True, text=True, check=True, env=get_driver_env()).stdout)
