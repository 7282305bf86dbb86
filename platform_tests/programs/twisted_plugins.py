# /// script
# dependencies = ["twisted[tls,http2]"]
# ///
"""Plugins that are found by walking packages; a web server with a client; a test run by trial."""

import io
import os

from twisted.application.service import IServiceMaker
from twisted.cred.strcred import ICheckerFactory
from twisted.internet import defer, endpoints, reactor
from twisted.plugin import getPlugins
from twisted.python.modules import getModule
from twisted.web import client, resource, server, static

print(sorted({plugin.tapname for plugin in getPlugins(IServiceMaker)}))
print(sorted({plugin.authType for plugin in getPlugins(ICheckerFactory)}))
print(sorted(module.name for module in getModule("twisted.web").iterModules())[:5])


class Hello(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        return b"hello " + request.path


@defer.inlineCallbacks
def main(reactor):
    root = resource.Resource()
    root.putChild(b"hello", Hello())
    root.putChild(b"code", static.File(os.path.dirname(static.__file__)))
    port = yield endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(server.Site(root))
    pool = client.HTTPConnectionPool(reactor, persistent=False)
    agent = client.Agent(reactor, pool=pool)
    url = b"http://127.0.0.1:%d" % port.getHost().port
    for path in (b"/hello", b"/code/static.py", b"/code/"):
        answer = yield agent.request(b"GET", url + path)
        body = yield client.readBody(answer)
        print(answer.code, answer.headers.getRawHeaders("content-type"), len(body) > 9, b"static" in body)
    yield port.stopListening()


finished = main(reactor).addErrback(lambda failure: print(failure)).addBoth(lambda _: reactor.stop())
reactor.run()

from twisted.trial.reporter import MinimalReporter
from twisted.trial.runner import TestLoader, TrialRunner

out = io.StringIO()
suite = TestLoader().loadByName("twisted.python.test.test_constants")
result = TrialRunner(lambda *_, **__: MinimalReporter(out), workingDirectory="trial").run(suite)
print(result.testsRun > 30, result.wasSuccessful())
