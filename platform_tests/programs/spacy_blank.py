# /// script
# dependencies = ["spacy"]
# ///
"""Language data of a blank pipeline, factories by entry points, lookups, training and saving."""

import spacy
from spacy.matcher import Matcher
from spacy.training import Example

nlp = spacy.blank("de")
nlp.add_pipe("sentencizer")
document = nlp("Das ist z.B. ein Satz. Und hier kommt noch einer, d.h. zwei.")
print([token.text for token in document], len(list(document.sents)))
english = spacy.blank("en")
print([t.lower_ for t in english("I can't pay $20.") if not t.is_stop], len(english.Defaults.stop_words))
matcher = Matcher(english.vocab)
matcher.add("money", [[{"TEXT": "$"}, {"LIKE_NUM": True}]])
print([(start, end) for _, start, end in matcher(english("I pay $20."))])
categorizer = english.add_pipe("textcat")
for label in ("good", "bad"):
    categorizer.add_label(label)
examples = [Example.from_dict(english.make_doc("fine"), {"cats": {"good": 1.0, "bad": 0.0}})]
optimizer = english.initialize(lambda: examples)
print(sorted(english.update(examples, sgd=optimizer)), english.pipe_names)
english.to_disk("model")
print(spacy.load("model").pipe_names, len(spacy.registry.architectures.get_all()) > 20)
