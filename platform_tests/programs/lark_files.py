# /// script
# dependencies = ["lark"]
# ///
"""Data files of lark, by path."""

from lark import Lark

grammar = 'start: NUMBER "+" NUMBER\n%import common.NUMBER\n%import python (funcdef)\n%ignore " "'
parser = Lark(grammar, parser="lalr")
print(parser.parse("1 + 2").pretty())
print(len(Lark.open_from_package("lark", "python.lark", ("grammars",), start="file_input").rules))
