# /// script
# dependencies = ["httptools", "multidict", "yarl", "frozenlist", "propcache", "h11", "wsproto"]
# [tool.mempip]
# container = true
# ///
"""The small extensions below aiohttp and uvicorn; none is replaced by its version in Python."""

import frozenlist
import httptools
import multidict
import propcache.api
import yarl
import yarl._quoting

headers = multidict.CIMultiDict(a="1", A="2")
print(headers.getall("a"), multidict.istr("X"), type(headers).__module__)
url = yarl.URL("http://user@exämple.org:8080/a b/../c?q=ü#f") / "d"
print(url, url.human_repr(), url.query, yarl._quoting._Quoter.__module__)
frozen = frozenlist.FrozenList([1])
frozen.freeze()
print(frozen, frozenlist.FrozenList.__module__, propcache.api.cached_property.__module__)


class Parsed:
    def on_url(self, url):
        print("url", url)

    def on_header(self, name, value):
        print(name, value)


httptools.HttpRequestParser(Parsed()).feed_data(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
print(httptools.parse_url(b"http://a:1/b?c").port)
