"""Side by side, in one run, on one machine: mempip, uv, pip and packages that lie on a disk."""
