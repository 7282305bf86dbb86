# /// script
# dependencies = ["eventlet"]
# ///
"""Green sockets, a server, and green copies of modules of the standard library and of packages."""

import eventlet

eventlet.monkey_patch()

import os
import urllib.request

import dns
import eventlet.green.ssl
import eventlet.wsgi
from eventlet import tpool


def application(environ, start_response):
    start_response("200 OK", [])
    return [environ["PATH_INFO"].encode()]


socket = eventlet.listen(("127.0.0.1", 0))
eventlet.spawn(eventlet.wsgi.server, socket, application, log_output=False)
url = f"http://127.0.0.1:{socket.getsockname()[1]}/"
pool = eventlet.GreenPool(3)
print(list(pool.imap(lambda n: urllib.request.urlopen(f"{url}{n}").read(), range(4))))
requests = eventlet.import_patched("dns.message")
print(requests.make_query("example.org", "A").question[0].to_text())
print(tpool.execute(os.path.isfile, dns.__file__), len(open(dns.__file__).read()) > 0)
