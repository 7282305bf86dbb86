# /// script
# dependencies = ["cmake"]
# ///
"""A program in a wheel that reads hundreds of files beside itself."""

import subprocess
import sys

with open("CMakeLists.txt", "w") as stream:
    stream.write(
        "cmake_minimum_required(VERSION 3.20)\nproject(tea NONE)\n"
        "include(CMakePackageConfigHelpers)\nmessage(STATUS brewed)\n"
    )
done = subprocess.run([sys.executable, "-m", "cmake", "-S", ".", "-B", "build"], capture_output=True, text=True)
print(done.returncode, "-- brewed" in done.stdout)
