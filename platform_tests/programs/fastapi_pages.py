# /// script
# dependencies = ["fastapi", "httpx", "swagger-ui-bundle", "jinja2", "python-multipart"]
# [tool.mempip]
# container = true
# ///
"""Validation, documentation pages, forms, web sockets, and static files that lie in a package."""

from typing import Annotated

import fastapi
import swagger_ui_bundle
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from fastapi.testclient import TestClient
from pydantic import BaseModel

app = fastapi.FastAPI(title="Teas")
where = swagger_ui_bundle.swagger_ui_path
app.mount("/ui", StaticFiles(directory=where))
app.mount("/package", StaticFiles(packages=[("swagger_ui_bundle", "vendor")]))
templates = Jinja2Templates(directory=where)


class Tea(BaseModel):
    name: str
    grams: float = 100


@app.post("/teas")
def add(tea: Tea) -> Tea:
    return tea


@app.post("/form")
def form(name: Annotated[str, fastapi.Form()], file: fastapi.UploadFile):
    return {name: file.file.read()}


@app.get("/page")
def page(request: fastapi.Request):
    return templates.TemplateResponse(request, "index.j2", {"title": "Teas", "openapi_spec_url": "/openapi.json"})


@app.websocket("/socket")
async def socket(socket: fastapi.WebSocket):
    await socket.accept()
    await socket.send_text((await socket.receive_text()).upper())


client = TestClient(app)
print(client.post("/teas", json={"name": "green"}).json(), client.post("/teas", json={}).status_code)
print(sorted(client.get("/openapi.json").json()["paths"]), "swagger" in client.get("/docs").text)
script = client.get("/ui/swagger-ui-bundle.js")
print(script.status_code, script.headers["content-type"], len(script.content) > 10**6)
print(client.get("/ui/index.css", headers={"Range": "bytes=0-9"}).status_code, client.get("/ui/none").status_code)
print("Teas" in client.get("/page").text)
print(client.post("/form", data={"name": "n"}, files={"file": b"data"}).json())
with client.websocket_connect("/socket") as connection:
    connection.send_text("abc")
    print(connection.receive_text())
