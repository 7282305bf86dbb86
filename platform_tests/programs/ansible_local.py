# /// script
# dependencies = ["ansible-core"]
# ///
"""Commands that are scripts; plugins and modules that are found by path, packed, and run by another interpreter."""

import os
import subprocess
import sys

with open("play.yml", "w") as stream:
    stream.write(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n"
        "    - copy: {content: '{{ tea | upper }}', dest: '{{ playbook_dir }}/tea.txt'}\n      vars: {tea: green}\n"
        "    - command: echo brewed\n      register: done\n    - debug: {var: done.stdout}\n"
    )
variables = os.environ | {
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
    "ANSIBLE_LOCALHOST_WARNING": "0",
    "LC_ALL": "C.UTF-8",
}
for command in (
    ["playbook", "-i", "localhost,", "play.yml"],
    ["doc", "-s", "ping"],
    ["config", "dump", "--only-changed"],
):
    done = subprocess.run(
        [sys.executable, "-m", f"ansible.cli.{command[0]}", *command[1:]], capture_output=True, text=True, env=variables
    )
    print(done.returncode, "\n".join(line for line in done.stdout.splitlines() if "/" not in line))
    sys.stderr.write(done.stderr)
print(open("tea.txt").read())
