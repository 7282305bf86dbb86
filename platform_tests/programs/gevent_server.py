# /// script
# dependencies = ["gevent", "requests"]
# ///
"""A patched standard library: a server and clients as greenlets, subprocesses, threads, a file by path."""

from gevent import monkey

monkey.patch_all()

import os
import subprocess
import threading

import certifi
import gevent
import gevent.ares
import gevent.fileobject
import gevent.pool
import gevent.resolver.ares
import requests
from gevent.pywsgi import WSGIServer


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    gevent.sleep(0.01)
    return [environ["PATH_INFO"].encode()]


server = WSGIServer(("127.0.0.1", 0), application, log=None)
server.start()
url = f"http://127.0.0.1:{server.server_port}/"
answers = gevent.pool.Pool(4).map(lambda n: requests.get(f"{url}{n}", timeout=20).text, range(6))
print(answers, type(gevent.get_hub().loop).__name__)
try:
    requests.get(url.replace("http", "https"), timeout=20)
except requests.exceptions.SSLError as error:
    print(type(error).__name__)
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)
thread = threading.Thread(target=lambda: print(os.path.getsize(certifi.where()) > 10**5))
thread.start()
thread.join()
with open(certifi.where(), "rb") as stream:
    print(len(gevent.fileobject.FileObjectThread(stream, "rb", close=False).read()) == os.stat(certifi.where()).st_size)
print(
    gevent.resolver.ares.Resolver().gethostbyname("127.0.0.1"), len(gevent.get_hub().threadpool.apply(os.urandom, (4,)))
)
server.stop()
