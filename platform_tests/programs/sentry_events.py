# /// script
# dependencies = ["sentry-sdk", "flask"]
# ///
"""Events with the lines around the error, also those of packages; integrations that are found by name."""

import flask
import sentry_sdk
from sentry_sdk.transport import Transport

EVENTS = []


class Kept(Transport):
    def capture_envelope(self, envelope):
        EVENTS.extend(item.payload.json for item in envelope.items if item.type == "event")


sentry_sdk.init("http://key@127.0.0.1:9/1", transport=Kept, default_integrations=True, server_name="s")
app = flask.Flask("app")
app.add_url_rule("/", view_func=lambda: flask.json.loads("{"))
try:
    app.test_client().get("/")
except ValueError:
    pass
try:
    flask.json.loads("{")
except ValueError as error:
    sentry_sdk.capture_exception(error)
for event in EVENTS:
    for frame in event["exception"]["values"][-1]["stacktrace"]["frames"]:
        if frame["module"].startswith("flask"):
            print(
                frame["filename"], frame["in_app"], frame["function"], frame["context_line"], len(frame["pre_context"])
            )
print(
    "flask" in EVENTS[0]["sdk"]["integrations"],
    sorted(name for name in EVENTS[0]["modules"] if name in ("flask", "jinja2")),
)
