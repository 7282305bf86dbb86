# /// script
# dependencies = ["django"]
# ///
"""What the tutorial does: django-admin and manage.py, each an interpreter of its own."""

import os
import subprocess
import sys


def run(*command):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    print(command, done.returncode, [line for line in done.stdout.splitlines() if "/" not in line][-3:])
    sys.stderr.write(done.stderr)


run("-m", "django", "startproject", "tutorial", ".")
run("manage.py", "startapp", "polls")
run("manage.py", "migrate")
run("manage.py", "check")
run("manage.py", "shell", "-c", "from django.contrib.auth.models import User; print(User.objects.count())")
print(sorted(os.listdir(".")))
