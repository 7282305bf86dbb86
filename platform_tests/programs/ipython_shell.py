# /// script
# dependencies = ["ipython"]
# ///
"""A shell without a terminal: magics, completion, source of packages, tracebacks with lines of packages."""

import subprocess
import sys

from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance(history_manager=None)
with capture_output() as captured:
    shell.run_cell("%colors NoColor\nx = 3\nx * 2")
    shell.run_cell("%pinfo shell")
    shell.run_cell("import traitlets, inspect\nprint(inspect.getsource(traitlets.HasTraits).splitlines()[0])")
    shell.run_cell("import traitlets\ntraitlets.link(1, 2)")
print(
    [
        line
        for line in captured.stdout.splitlines()
        if line.startswith(("Out", "class HasTraits", "-> ", "--->", "TypeError"))
    ]
)
print(TransformerManager().transform_cell("!ls\n"), shell.Completer.complete("traitlets.HasTr")[1])
done = subprocess.run(
    [sys.executable, "-m", "IPython", "--no-banner", "-c", "print(6 * 7)"], capture_output=True, text=True
)
print(done.stdout, done.returncode)
