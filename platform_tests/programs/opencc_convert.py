# /// script
# dependencies = ["opencc"]
# ///
"""Conversion between scripts of Chinese; C++ reads the configuration and dictionaries of the package by path."""

import opencc

print(opencc.OpenCC("s2t").convert("汉字和茶叶"), opencc.OpenCC("tw2sp").convert("記憶體"))
