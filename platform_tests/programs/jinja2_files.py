# /// script
# dependencies = ["sphinx-rtd-theme", "sphinx"]
# ///
"""Data files of jinja2, by path."""

import os

import jinja2
import sphinx_rtd_theme

environment = jinja2.Environment(loader=jinja2.PackageLoader("sphinx", "templates"))
print(sorted(environment.list_templates())[:5], len(environment.list_templates()))
theme = sphinx_rtd_theme.__path__[0]
files = jinja2.FileSystemLoader(theme)
for name in sorted({"theme.conf", "theme.toml"} & set(os.listdir(theme))):
    print(files.get_source(environment, name)[0])
