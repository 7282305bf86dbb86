# /// script
# dependencies = ["datasets", "huggingface-hub", "jinja2", "safetensors[numpy]", "tiktoken", "sacremoses"]
# ///
"""Data sets from files, tensors and tokens, without a network; a registry of plugins in a namespace package."""

import json
import os

os.environ["HF_HUB_OFFLINE"] = "1"
import datasets
import numpy as np
import tiktoken
from huggingface_hub import ModelCard, ModelCardData, constants
from sacremoses import MosesDetokenizer, MosesTokenizer
from safetensors.numpy import load, save

datasets.disable_progress_bars()
with open("teas.jsonl", "w") as stream:
    stream.writelines(json.dumps({"tea": f"tea{number}", "price": number}) + "\n" for number in range(6))
if __name__ == "__main__":
    data = datasets.load_dataset("json", data_files="teas.jsonl", split="train")
    print(data.map(lambda row: {"double": row["price"] * 2}, num_proc=2)["double"][:], data.features)
    print(
        data.filter(lambda row: row["price"] > 3)["tea"][:],
        datasets.Dataset.from_dict({"a": [1]}).to_pandas().a.tolist(),
    )
    print(load(save({"a": np.arange(3)}))["a"].tolist(), constants.HF_HUB_OFFLINE)
    card = ModelCard.from_template(ModelCardData(language="en", license="mit"), model_id="tea")
    print(card.data.license, "# Model Card for tea" in card.content)
    encoding = tiktoken.Encoding(
        "tea", pat_str=r"\w+|\W", mergeable_ranks={bytes([n]): n for n in range(256)} | {b"te": 256}, special_tokens={}
    )
    print(encoding.encode("tea time"), sorted(tiktoken.list_encoding_names())[:2])
    print(
        MosesTokenizer("fr").tokenize("J'aime le thé, Mme. Dupont."),
        MosesDetokenizer("en").detokenize(["tea", "'s", "green", "."]),
    )
