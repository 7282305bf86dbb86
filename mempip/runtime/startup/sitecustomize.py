"""What child interpreters run before anything else on systems whose memory objects have no paths: see
`mempip.runtime.handover`.

It must be harmless in every Python, from 2.7 on. The user's own ``sitecustomize`` comes after it, as if it were the
only one.
"""

import os
import sys

directory = os.path.dirname(os.path.abspath(__file__))
for entry in list(sys.path):
    if os.path.normcase(os.path.abspath(entry)) == os.path.normcase(directory):
        sys.path.remove(entry)
        sys.path_importer_cache.pop(entry, None)
words = os.environ.get("MEMPIP_HANDOVER", "").split(";")
if words[2:4] == [sys.version, sys.prefix]:
    try:
        sys.path.extend(home for home in words[4:] if home not in sys.path)
        from mempip.runtime import handover

        handover.enter(int(words[0]), int(words[1]))
    except Exception:  # noqa: BLE001 - a child without packages is better than none
        sys.stderr.write("mempip: the packages of the parent process are not here: %s\n" % (sys.exc_info()[1],))  # noqa: UP031
del sys.modules["sitecustomize"]
__import__("sitecustomize")
