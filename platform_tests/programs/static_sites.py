# /// script
# dependencies = ["mkdocs-material", "mkdocs-awesome-pages-plugin"]
# ///
"""A site made with a theme, icons and plugins of packages, found by entry points."""

import os
import subprocess
import sys

os.makedirs("docs/leaves")
for path, text in (
    ("docs/index.md", "# Tea\n\n:material-tea: ==green==\n\n```python\nprint(1)\n```\n"),
    ("docs/leaves/more.md", "# More\n"),
):
    with open(path, "w") as stream:
        stream.write(text)
with open("mkdocs.yml", "w") as stream:
    stream.write(
        "site_name: Teas\ntheme:\n  name: material\n  language: de\nplugins: [search, awesome-pages]\n"
        "markdown_extensions:\n"
        "  - pymdownx.highlight\n  - pymdownx.superfences\n  - pymdownx.mark\n  - pymdownx.emoji:\n"
        "      emoji_index: !!python/name:material.extensions.emoji.twemoji\n"
        "      emoji_generator: !!python/name:material.extensions.emoji.to_svg\n"
    )
done = subprocess.run([sys.executable, "-m", "mkdocs", "-q", "build", "--strict"], capture_output=True, text=True)
print(done.returncode)
with open("site/index.html") as stream:
    page = stream.read()
print("<svg" in page, "Suche" in page, '<span class="nb">print' in page, len(os.listdir("site/assets/javascripts")) > 1)
print(os.path.getsize("site/search/search_index.json") > 100, os.path.exists("site/leaves/more/index.html"))
