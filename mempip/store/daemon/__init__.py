"""mempipd: one copy in memory for every process of a machine.

``server`` is one thread that waits on sockets; all that is kept is changed there and nowhere else, so whatever a
client sees is whole. What takes time runs in processes of its own (``worker``), which a crash cannot carry over:
``server`` hands them orders and takes sealed objects back.
"""
