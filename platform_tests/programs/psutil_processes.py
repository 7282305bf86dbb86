# /// script
# dependencies = ["psutil", "setproctitle"]
# [tool.mempip]
# container = true
# ///
"""This process as the kernel shows it, and its title."""

import os

import psutil
import setproctitle

process = psutil.Process()
print(process.pid == os.getpid(), process.num_threads() >= 1, psutil.cpu_count() > 0, psutil.virtual_memory().total > 0)
print(process.open_files() == [], process.memory_info().rss > 10**6, psutil.Process.__module__)
setproctitle.setproctitle("in-memory")
print(setproctitle.getproctitle(), open("/proc/self/cmdline", "rb").read().rstrip(b"\0"))
setproctitle.setthreadtitle("thread")
print(open("/proc/self/comm").read(), process.cwd() == os.getcwd())
