# /// script
# dependencies = ["mypy", "attrs", "pydantic"]
# ///
"""A type checker compiled by itself: the types that it ships, a package's own types, and a plugin of one."""

import os
import subprocess
import sys

import mypy.api

with open("teas.py", "w") as stream:
    stream.write(
        "import json\nimport attr\nfrom pathlib import Path\nfrom pydantic import BaseModel\n"
        "class Tea(BaseModel):\n    price: int\n"
        "@attr.define\nclass Pot:\n    size: int\n"
        'Tea(price="3")\nPot("large")\nreveal_type(Path("a") / "b")\nreveal_type(json.loads(""))\n'
    )
with open("mypy.ini", "w") as stream:
    stream.write("[mypy]\nplugins = pydantic.mypy\ncache_dir = " + os.devnull + "\n")
out, errors, status = mypy.api.run(["teas.py"])
print(out, errors, status)
done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "teas.py"], capture_output=True, text=True)
print(done.stdout, done.stderr, done.returncode)
