# /// script
# dependencies = ["build", "hatchling", "wheel", "setuptools", "flit-core", "poetry-core", "pip", "twine"]
# ///
"""Tools of packaging: backends build a project without isolation, pip installs it, twine checks it."""

import os
import subprocess
import sys
import zipfile


def run(*command, **options):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, **options)
    print(command[0], done.returncode, *done.stdout.splitlines()[-1:])
    sys.stderr.write(done.stderr)


for backend, table in (
    ("hatchling.build", ""),
    ("setuptools.build_meta", ""),
    ("flit_core.buildapi", ""),
    ("poetry.core.masonry.api", ""),
):
    name = backend.partition(".")[0]
    os.makedirs(f"{name}/tea_{name}")
    with open(f"{name}/tea_{name}/__init__.py", "w") as stream:
        stream.write('"""Tea."""\n__version__ = "1"\n')
    with open(f"{name}/pyproject.toml", "w") as stream:
        stream.write(
            f'[build-system]\nrequires = []\nbuild-backend = "{backend}"\n'
            f'[project]\nname = "tea_{name}"\nversion = "1"\ndescription = "Tea"\n'
        )
    run("build", "--wheel", "--no-isolation", "--skip-dependency-check", name)
    wheel = os.path.join(name, "dist", os.listdir(f"{name}/dist")[0])
    print(os.path.basename(wheel), len(zipfile.ZipFile(wheel).namelist()))
    run("pip", "install", "--quiet", "--no-index", "--no-compile", "--target", "installed", wheel)
    run("twine", "check", wheel, env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"})
print(sorted(os.listdir("installed"))[:4])
