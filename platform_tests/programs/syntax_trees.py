# /// script
# dependencies = ["tree-sitter", "tree-sitter-python", "tree-sitter-json", "libcst", "parso", "astroid", "asttokens"]
# [tool.mempip]
# container = true
# ///
"""Parsers of programs: grammars as extensions and as text files, Rust."""

import astroid
import asttokens
import libcst
import parso
import tree_sitter_json
import tree_sitter_python
from tree_sitter import Language, Parser, Query

language = Language(tree_sitter_python.language())
tree = Parser(language).parse(b"def brew(tea):\n    return tea\n")
print(tree.root_node.children[0].type, len(tree_sitter_python.HIGHLIGHTS_QUERY) > 100)
print(Parser(Language(tree_sitter_json.language())).parse(b'{"a": [1]}').root_node)
print(Query(language, "(function_definition name: (identifier) @name)").pattern_count)
module = libcst.parse_module("x = 1 +  2  # sum\n")
print(module.code == "x = 1 +  2  # sum\n", type(module.body[0].body[0].value).__name__)
print(
    parso.parse("f(x", version="3.10").get_last_leaf().type,
    [e.message for e in parso.load_grammar().iter_errors(parso.parse("f(x"))],
)
print(
    astroid.extract_node("(1 + 2) * 3 #@").inferred()[0].value,
    asttokens.ASTTokens("a + b", parse=True).tree.body[0].last_token.string,
)
