# /// script
# dependencies = ["gunicorn", "flask"]
# ///
"""A server whose workers are forks; it is asked once and stopped."""

import os
import signal
import socket
import time
import urllib.request

from gunicorn.app.base import BaseApplication


def application(environ, start_response):
    import flask  # first imported in the worker

    app = flask.Flask("teas")
    app.add_url_rule("/<name>", view_func=lambda name: f"hello {name}", endpoint="hello")
    return app(environ, start_response)


class Server(BaseApplication):
    def load_config(self):
        options = {"bind": f"fd://{listening.fileno()}", "workers": 2, "worker_tmp_dir": ".", "loglevel": "critical"}
        for name, value in options.items():
            self.cfg.set(name, value)
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

    def load(self):
        return application


listening = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listening.getsockname()[1]}/tea"
child = os.fork()
if not child:
    Server().run()
    os._exit(1)
with urllib.request.urlopen(url, timeout=60) as answer:
    print(answer.status, answer.read(), answer.headers["Server"])
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
