# /// script
# dependencies = ["regex", "google-re2", "unicodedata2", "pyahocorasick"]
# [tool.mempip]
# container = true
# ///
"""Expressions that backtrack, that do not (C++), tables of Unicode, and an automaton."""

import ahocorasick
import re2
import regex
import unicodedata2

print(regex.findall(r"\p{Greek}+|\X(?=e)", "αβγ latin e\u0301 ße"), regex.search("(?:tea){e<=1}", "a tee").group())
print(regex.sub(r"(?V1)[[a-z]--[aeiou]]", "-", "memory"), re2.search("(m+)(e*)", "hmmee").groups())
print(unicodedata2.name("🫖"), unicodedata2.unidata_version > "14")
automaton = ahocorasick.Automaton()
for word in ("tea", "eat"):
    automaton.add_word(word, word)
automaton.make_automaton()
print(list(automaton.iter("teatea")))
