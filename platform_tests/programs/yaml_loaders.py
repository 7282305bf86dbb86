# /// script
# dependencies = ["pyyaml", "ruamel.yaml", "ruamel.yaml.clib", "strictyaml"]
# [tool.mempip]
# container = true
# ///
"""YAML by libyaml and by two packages that share the name space of a third; round trips that keep comments."""

import io

import ruamel.yaml
import strictyaml
import yaml

text = "# teas\n- name: green # best\n  grams: 100\n- &b {name: black}\n- *b\n"
print(yaml.__with_libyaml__, yaml.load(text, Loader=yaml.CSafeLoader))
print(yaml.dump({"b": [1, "ø"], "a": None}, Dumper=yaml.CSafeDumper, allow_unicode=True))
round_trip = ruamel.yaml.YAML()
data = round_trip.load(text)
data[0]["grams"] = 50
out = io.StringIO()
round_trip.dump(data, out)
print(out.getvalue(), sorted({type(one).__name__ for one in ruamel.yaml.YAML(typ="safe").load(text)}))
import _ruamel_yaml

print(_ruamel_yaml.get_version() > (0, 2), strictyaml.load("a: 1\n").data)
