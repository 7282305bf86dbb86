# /// script
# dependencies = ["transformers"]
# ///
"""Modules imported lazily, found by listing the package's directories; a tokenizer from a vocabulary made here."""

from pathlib import Path

import transformers
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertTokenizer, BertTokenizerFast

words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "##s", "."]
Path("vocab.txt").write_text("\n".join(words))
fast = (
    BertTokenizerFast(vocab_file="vocab.txt")
    if not transformers.__version__.startswith("5")
    else BertTokenizer(vocab={w: i for i, w in enumerate(words)})
)
print(transformers.__version__, fast("hello worlds.")["input_ids"], fast.decode([2, 5, 6, 7, 3]))
BertConfig(hidden_size=32, num_attention_heads=2, vocab_size=len(words)).save_pretrained("model")
fast.save_pretrained("model")
print(AutoConfig.from_pretrained("model").hidden_size, type(AutoTokenizer.from_pretrained("model")).__name__)
print("BertModel" in dir(transformers), len(dir(transformers)) > 1000)
print(len(transformers.models.auto.configuration_auto.CONFIG_MAPPING_NAMES) > 100)
