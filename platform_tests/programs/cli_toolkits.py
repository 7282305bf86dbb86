# /// script
# dependencies = [
#     "typer", "rich", "tqdm", "prompt-toolkit", "tabulate", "fire", "docopt-ng", "argcomplete", "shellingham",
# ]
# ///
"""Commands: help, completion for shells, tables and spinners, input from a pipe."""

import io
import os
import subprocess
import sys

import docopt
import tabulate
import tqdm
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.shortcuts import prompt
from rich.console import Console
from rich.markdown import Markdown
from rich.spinner import Spinner
from rich.table import Table

console = Console(file=io.StringIO(), width=40, force_terminal=True)
table = Table("tea", "price")
table.add_row(":tea: green", "3")
console.print(table, Markdown("# Tea\n* green"), Spinner("dots").render(0))
print(console.file.getvalue())
print(
    tabulate.tabulate([["green", 3]], headers=["tea", "price"], tablefmt="github"),
    docopt.docopt("Usage: x [--tea]", ["--tea"]),
)
bar = io.StringIO()
print([n for n in tqdm.tqdm(range(3), file=bar)], "3/3" in bar.getvalue())
with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
    pipe.send_text("green\n")
    print(prompt("tea? "))
with open("brew.py", "w") as stream:
    stream.write(
        "import typer\napp = typer.Typer()\n@app.command()\ndef brew(name: str, cups: int = 1):\n"
        "    '''Brew it.'''\n    print(name * cups)\napp()\n"
    )
for arguments in (["--help"], ["tea", "--cups", "2"], ["tea", "--cups", "x"], ["--show-completion", "bash"]):
    variables = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run([sys.executable, "brew.py", *arguments], capture_output=True, text=True, env=variables)
    print(done.returncode, done.stdout, done.stderr)
print(subprocess.run([sys.executable, "-m", "fire", "math", "gcd", "12", "18"], capture_output=True, text=True).stdout)
