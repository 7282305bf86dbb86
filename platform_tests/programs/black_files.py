# /// script
# dependencies = ["black"]
# [tool.mempip]
# container = true
# ///
"""Data files of black, by path."""

import black

print(black.format_str("x = {  'a':1 }\ndef f( a ):return a", mode=black.Mode()))
