# /// script
# dependencies = ["faiss-cpu", "usearch"]
# ///
"""Indices of vectors in C++, with bundled BLAS and OpenMP."""

import faiss
import numpy as np
import usearch.index

generator = np.random.default_rng(0)
vectors = generator.random((500, 16), dtype="f4")
index = faiss.IndexFlatL2(16)
index.add(vectors)
print(
    index.ntotal,
    index.search(vectors[:2], 1)[1].ravel().tolist(),
    faiss.deserialize_index(faiss.serialize_index(index)).ntotal,
)
factory = faiss.index_factory(16, "IVF4,Flat")
factory.train(vectors)
factory.add(vectors)
print(factory.search(vectors[7:8], 1)[1].tolist())
other = usearch.index.Index(ndim=16, metric="l2sq")
other.add(np.arange(500), vectors)
print(int(other.search(vectors[9], 1).keys[0]), len(other))
