# /// script
# dependencies = ["nbconvert", "ipykernel", "nbclient"]
# ///
"""A notebook that is run by a kernel, which is a child, and converted with templates that lie in share/jupyter."""

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter, PythonExporter

notebook = nbformat.v4.new_notebook(
    cells=[nbformat.v4.new_markdown_cell("# Tea"), nbformat.v4.new_code_cell("print(6 * 7)\n[n for n in range(3)]")]
)
for number, cell in enumerate(notebook.cells):
    cell.id = f"cell{number}"
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
print([output["output_type"] for output in notebook.cells[1].outputs], notebook.cells[1].outputs[0]["text"])
print(MarkdownExporter().from_notebook_node(notebook)[0])
print(PythonExporter().from_notebook_node(notebook)[0].splitlines()[-3:])
page, _ = HTMLExporter().from_notebook_node(notebook)
print(len(page) > 100_000, "<h1" in page, "42" in page)
