# /// script
# dependencies = ["dash"]
# ///
"""Component libraries with their scripts, served out of packages, and a callback."""

import dash
from dash import Input, Output, dash_table, dcc, html

app = dash.Dash("teas", serve_locally=True)
app.layout = html.Div([dcc.Input("name"), html.Div(id="out"), dash_table.DataTable(), dcc.Graph()])


@app.callback(Output("out", "children"), Input("name", "value"))
def brew(name):
    return f"brewing {name}"


client = app.server.test_client()
page = client.get("/").text
scripts = [part.split('"')[0] for part in page.split('src="')[1:]]
for script in scripts:
    answer = client.get(script)
    print(script.split(".v")[0].split("?")[0], answer.status_code, answer.mimetype, len(answer.data) > 1000)
body = {
    "output": "out.children",
    "outputs": {"id": "out", "property": "children"},
    "inputs": [{"id": "name", "property": "value", "value": "green"}],
    "changedPropIds": ["name.value"],
}
print(client.post("/_dash-update-component", json=body).json)
print(
    [len(client.get(path).data) for path in ("/_dash-layout", "/_dash-dependencies")],
    client.get("/_favicon.ico").status_code,
)
