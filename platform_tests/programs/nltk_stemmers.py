# /// script
# dependencies = ["nltk"]
# [tool.mempip]
# container = true
# ///
"""Tokenizers, stemmers and grammars that need no downloaded data, and how missing data is told."""

import nltk
from nltk.stem import PorterStemmer, SnowballStemmer
from nltk.tokenize import TreebankWordTokenizer, TweetTokenizer, wordpunct_tokenize

print([PorterStemmer().stem(word) for word in ("running", "flies", "happily")])
print([SnowballStemmer("german").stem(word) for word in ("Häuser", "gegangen")], SnowballStemmer.languages[:3])
print(TreebankWordTokenizer().tokenize("They'll save it."), wordpunct_tokenize("a.b c"))
print(TweetTokenizer().tokenize("@you this is :-) #cool"))
grammar = nltk.CFG.fromstring("S -> N V\nN -> 'dogs'\nV -> 'bark'")
print(next(nltk.ChartParser(grammar).parse(["dogs", "bark"])))
print(nltk.FreqDist("abracadabra").most_common(2), nltk.edit_distance("kitten", "sitting"))
try:
    nltk.word_tokenize("no data")
except LookupError as error:
    print("punkt" in str(error))
