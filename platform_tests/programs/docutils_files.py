# /// script
# dependencies = ["docutils"]
# ///
"""Data files of docutils, by path."""

import hashlib

import docutils.core

text = "Title\n=====\n\n.. include:: <isonum.txt>\n\n|copy| text"
html = docutils.core.publish_string(text, writer_name="html5")
latex = docutils.core.publish_string("Title\n=====\n\n*text*", writer_name="latex")
print(len(html), hashlib.sha256(html).hexdigest(), hashlib.sha256(latex).hexdigest())
