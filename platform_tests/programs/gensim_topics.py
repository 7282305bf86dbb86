# /// script
# dependencies = ["gensim"]
# requires-python = "<3.14"
# ///
"""Vectors of words in Cython, and corpora of the package's own tests, by path."""

from gensim.corpora import Dictionary, MmCorpus
from gensim.models import TfidfModel, Word2Vec
from gensim.test.utils import common_texts, datapath

dictionary = Dictionary(common_texts)
corpus = [dictionary.doc2bow(text) for text in common_texts]
print(len(dictionary), [(word, round(weight, 3)) for word, weight in TfidfModel(corpus)[corpus[0]]])
print(len(MmCorpus(datapath("testcorpus.mm"))), list(MmCorpus(datapath("testcorpus.mm")))[0])
model = Word2Vec(common_texts, vector_size=8, min_count=1, workers=1, seed=1, hashfxn=len)
print(len(model.wv), model.wv.vectors.shape, model.epochs)
