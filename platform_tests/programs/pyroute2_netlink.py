# /// script
# dependencies = ["pyroute2"]
# ///
"""Netlink: classes of messages that are found by walking packages, and the loopback interface."""

from pyroute2 import IPRoute
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.tcmsg import plugins

with IPRoute() as routes:
    index = routes.link_lookup(ifname="lo")[0]
    link = routes.get_links(index)[0]
    print(index, link.get_attr("IFLA_IFNAME"), link.get_attr("IFLA_MTU"))
print(len(plugins), sorted(ifinfmsg.ifinfo.data_map) if hasattr(ifinfmsg.ifinfo, "data_map") else "")
