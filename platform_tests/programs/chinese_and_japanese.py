# /// script
# dependencies = ["pypinyin", "janome"]
# ///
"""Dictionaries of East Asian languages: in files and as modules."""

import pypinyin
from janome.tokenizer import Tokenizer

print(pypinyin.lazy_pinyin("中国茶"), pypinyin.pinyin("重庆", heteronym=False))
print([token.base_form for token in Tokenizer().tokenize("お茶を飲みました")])
