# /// script
# dependencies = ["beautifulsoup4", "html5lib", "lxml", "selectolax", "cssselect", "nh3", "bleach"]
# [tool.mempip]
# container = true
# ///
"""One page by several parsers: Python, libxml2, lexbor; cleaning in Rust and in Python."""

import bleach
import bs4
import html5lib
import nh3
from lxml import html
from selectolax.lexbor import LexborHTMLParser

page = "<title>Tea</title><p class=a>one<p>two &eacute; <script>x</script><table><td>cell"
for name in ("html.parser", "lxml", "html5lib"):
    soup = bs4.BeautifulSoup(page, name)
    print(name, soup.select("p.a")[0].get_text(), len(str(soup)), soup.title.string)
print(html5lib.serialize(html5lib.parse(page), omit_optional_tags=False))
print(
    html.fromstring(page).cssselect("p.a")[0].text,
    LexborHTMLParser(page).css("td")[0].text(),
)
print(nh3.clean(page), bleach.clean(page, tags={"p"}), bleach.linkify("see example.org"))
