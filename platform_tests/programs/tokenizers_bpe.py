# /// script
# dependencies = ["tokenizers"]
# [tool.mempip]
# container = true
# ///
"""A Rust extension (abi3) with threads: trains byte pairs, normalises, and calls back into Python."""

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["[UNK]"], show_progress=False)
tokenizer.train_from_iterator(["Héllo memory"] * 50 + ["in memory, hello"] * 30, trainer)
encoded = tokenizer.encode("HELLO memory!")
print(encoded.tokens, encoded.ids, encoded.offsets)
print(tokenizer.decode(encoded.ids), tokenizer.get_vocab_size())
print(Tokenizer.from_str(tokenizer.to_str()).encode_batch(["in", "memory"])[1].tokens)
