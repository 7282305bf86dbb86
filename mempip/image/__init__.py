"""The contract between the halves: packages as sealed memory objects and an index over them.

Light half: the standard library only. ``layout`` is the format, ``writer`` makes an index, ``reader``
answers from one.
"""
