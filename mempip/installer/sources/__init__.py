"""Sources → wheels in memory: archives, directories and repositories, built by their own backends (PEP 517).

A build runs in a process of its own, `build_room`, whose only writable place is a file system in memory. `builder` is
this process's side of it.
"""
