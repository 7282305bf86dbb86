# /// script
# dependencies = [
#     "wrapt", "lazy-object-proxy", "cytoolz", "toolz", "cachetools", "attrs", "zope.interface", "persistent",
#     "immutables", "pyrsistent", "sortedcontainers",
# ]
# [tool.mempip]
# container = true
# ///
"""Objects made in C: proxies, functions of functions, interfaces, maps; namespace packages."""

import pickle

import attrs
import cytoolz
import immutables
import lazy_object_proxy
import persistent
import pyrsistent
import wrapt
from zope.interface import Interface, implementer
from zope.interface.verify import verifyObject


@wrapt.decorator
def doubled(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs) * 2


class ITea(Interface):
    def brew():
        """Brew it."""


@implementer(ITea)
@attrs.define
class Tea:
    name: str = attrs.field(validator=attrs.validators.instance_of(str))

    @doubled
    def brew(self):
        return self.name


print(Tea("green").brew(), verifyObject(ITea, Tea("x")), pickle.loads(pickle.dumps(Tea("black"))))
print(
    lazy_object_proxy.Proxy(lambda: [1, 2]),
    type(wrapt.ObjectProxy(3)).__module__,
    type(lazy_object_proxy.Proxy).__name__,
)
print(cytoolz.groupby(len, ["a", "bb", "cc"]), cytoolz.curry.__module__, list(cytoolz.sliding_window(2, [1, 2, 3])))
print(immutables.Map(a=1).set("b", 2)["b"], persistent.Persistent()._p_changed, pyrsistent.pvector([1, 2]).append(3))
