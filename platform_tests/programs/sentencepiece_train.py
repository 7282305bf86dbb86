# /// script
# dependencies = ["sentencepiece"]
# [tool.mempip]
# container = true
# ///
"""A SWIG module that trains a model in memory."""

import io

import sentencepiece as spm

text = ["in memory all is quick", "on disk all is slow", "memory is quick"] * 40
model = io.BytesIO()
spm.SentencePieceTrainer.train(
    sentence_iterator=iter(text), model_writer=model, vocab_size=20, minloglevel=2, num_threads=1
)
processor = spm.SentencePieceProcessor(model_proto=model.getvalue())
pieces = processor.encode("memory is slow", out_type=str)
print(spm.__version__, processor.get_piece_size(), pieces, processor.decode(pieces))
print(processor.encode("quick", out_type=int), processor.id_to_piece(0))
