# /// script
# dependencies = [
#     "pydantic-settings[yaml,toml]", "marshmallow", "cattrs[orjson,msgspec]", "hydra-core>=1.3", "omegaconf",
#     "python-dotenv", "beartype",
# ]
# [tool.mempip]
# sources = ["antlr4-python3-runtime==4.9.3"]
# ///
"""Settings from files and variables; a framework whose configuration is a package's files found by its own importer."""

import os

import beartype
import cattrs
import hydra
import marshmallow
from omegaconf import OmegaConf
from pydantic_settings import BaseSettings


class Settings(BaseSettings, env_prefix="TEA_", env_file=".env"):
    name: str = "green"
    cups: int = 1


with open(".env", "w") as stream:
    stream.write("TEA_CUPS=3\n")
os.environ["TEA_NAME"] = "black"
print(Settings(), marshmallow.Schema.from_dict({"cups": marshmallow.fields.Int()})().load({"cups": "3"}))
print(
    cattrs.structure({"a": ["1"]}, dict[str, list[int]]),
    OmegaConf.to_yaml(OmegaConf.create({"a": "${b}", "b": 1}), resolve=True),
)
os.mkdir("conf")
with open("conf/tea.yaml", "w") as stream:
    stream.write("defaults: [_self_]\ntea: green\n")
with hydra.initialize_config_dir(os.path.abspath("conf"), version_base=None):
    print(
        hydra.compose("tea", ["tea=white"], return_hydra_config=True).hydra.job.name, hydra.compose("tea", ["+cups=2"])
    )


@beartype.beartype
def brew(cups: int) -> str:
    return "tea" * cups


try:
    brew("many")
except beartype.roar.BeartypeCallHintParamViolation as error:
    print(type(error).__name__)
