# /// script
# dependencies = ["rapidfuzz", "levenshtein", "jellyfish", "marisa-trie", "pybase64"]
# [tool.mempip]
# container = true
# ///
"""Distances of strings and automata in C++, C and Rust."""

import base64

import jellyfish
import Levenshtein
import marisa_trie
import pybase64
import rapidfuzz

print(
    rapidfuzz.process.extractOne("gren te", ["green tea", "black tea"]),
    rapidfuzz.distance.JaroWinkler.similarity("tea", "teas"),
)
print(
    Levenshtein.distance("tea", "leaf"), Levenshtein.median(["tea", "ten", "tee"]), rapidfuzz.fuzz.ratio("tea", "tee")
)
print(jellyfish.soundex("Ceylon"), jellyfish.metaphone("Assam"), jellyfish.damerau_levenshtein_distance("ab", "ba"))
trie = marisa_trie.Trie(["tea", "teapot", "cup"])
print(trie.keys("te"), "cup" in trie)
print(pybase64.b64encode(b"tea" * 20) == base64.b64encode(b"tea" * 20), pybase64.get_version().count(".") > 0)
