# /// script
# dependencies = [
#     "pygments", "pygments-graphql", "catppuccin[pygments]", "markdown-it-py[plugins,linkify]", "markdown",
#     "mistune", "jinja2",
# ]
# ///
"""Lexers and styles of packages, by entry points; markup to pages."""

import markdown
import markdown_it
import mistune
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter, get_formatter_by_name
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.styles import get_all_styles, get_style_by_name

print(highlight("{ tea(id: 3) { name } }", get_lexer_by_name("graphql"), get_formatter_by_name("terminal")))
print(sorted(name for name in get_all_styles() if "catppuccin" in name), len(list(get_all_lexers())) > 500)
print(HtmlFormatter(style=get_style_by_name("catppuccin-mocha")).get_style_defs(".tea").splitlines()[-1])
print(markdown_it.MarkdownIt("gfm-like").use(tasklists_plugin).render("- [x] tea https://example.org\n"))
print(markdown.markdown("# Tea\n\n|a|\n|-|\n|b|", extensions=["tables", "toc", "codehilite"]), mistune.html("*tea*"))
