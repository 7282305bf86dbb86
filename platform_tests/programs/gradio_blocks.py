# /// script
# dependencies = ["gradio"]
# ///
"""An application's configuration, its page from templates, its components' files, all from its own server."""

import os
import urllib.request

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_TEMP_DIR"] = os.path.abspath("temporary")

import gradio

with gradio.Blocks(title="Teas") as blocks:
    name = gradio.Textbox(label="Name")
    out = gradio.Textbox()
    gradio.Button("Brew").click(lambda text: text.upper(), name, out, api_name="brew")
    gradio.Dataframe()
config = blocks.get_config_file()
print(sorted({component["type"] for component in config["components"]}), config["title"])
_, url, _ = blocks.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, show_error=True)
for path in ("", "config", "theme.css", "gradio_api/info", "static/img/logo.svg"):
    with urllib.request.urlopen(url + path) as answer:
        print(path, answer.status, answer.headers["content-type"], len(answer.read()) > 1000)
blocks.close(verbose=False)
