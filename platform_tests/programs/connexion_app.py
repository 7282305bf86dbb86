# /// script
# dependencies = ["connexion[flask,swagger-ui,uvicorn]"]
# ///
"""An interface made from its description, with pages of documentation out of a package."""

import connexion

with open("spec.yaml", "w") as stream:
    stream.write(
        "openapi: 3.0.0\ninfo: {title: Teas, version: '1'}\npaths:\n  /teas/{name}:\n    get:\n"
        "      operationId: __main__.tea\n      parameters:\n"
        "        - {name: name, in: path, required: true, schema: {type: string, maxLength: 5}}\n"
        "      responses: {'200': {description: a tea}}\n"
    )


def tea(name):
    return {"name": name}


app = connexion.FlaskApp("teas", specification_dir=".")
app.add_api("spec.yaml", validate_responses=True)
client = app.test_client()
print(client.get("/teas/green").json(), client.get("/teas/too-long").status_code)
print(client.get("/openapi.json").json()["info"], "swagger-ui" in client.get("/ui/").text)
script = client.get("/ui/swagger-ui-bundle.js")
print(script.status_code, len(script.content) > 10**5)
