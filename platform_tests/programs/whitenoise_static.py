# /// script
# dependencies = ["whitenoise[brotli]", "django", "werkzeug", "swagger-ui-bundle"]
# [tool.mempip]
# container = true
# ///
"""Static files of packages, gathered beforehand and served with their types and times."""

import django.contrib.admin
import swagger_ui_bundle
import whitenoise
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.test import Client


def application(environ, start_response):
    start_response("404 Not Found", [])
    return [b"none"]


static = django.contrib.admin.__path__[0] + "/static"
files = whitenoise.WhiteNoise(application, root=static, prefix="static/")
files.add_files(swagger_ui_bundle.swagger_ui_path, prefix="ui/")
print(len(files.files) > 100)
client = Client(files)
for path in ("/static/admin/css/base.css", "/ui/swagger-ui-bundle.js", "/static/none"):
    answer = client.get(path)
    print(path, answer.status_code, answer.mimetype, len(answer.data) > 1000, "Last-Modified" in answer.headers)
print(client.get("/static/admin/css/base.css", headers={"Range": "bytes=0-8"}).data)
shared = Client(SharedDataMiddleware(application, {"/a": ("django.contrib.admin", "static/admin"), "/b": static}))
for path in ("/a/css/base.css", "/b/admin/js/core.js", "/a/none"):
    answer = shared.get(path)
    print(path, answer.status_code, answer.mimetype, len(answer.data) > 100)
