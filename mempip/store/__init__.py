"""Who holds images, and how they are asked for one.

Everything but ``one_call`` and ``daemon`` is light half: the standard library only. A store answers a request with an
image whose memory objects travel as descriptors. What is said over a `mempip.connection.Connection`:

=============  =========  ==================================================================================
type           direction  other members
=============  =========  ==================================================================================
``install``    client →   ``options``: `mempip.options.InstallOptions.to_wire`. To a daemon also ``protocol``
                          (`mempip.store.protocol.VERSION`), ``python`` (`mempip.store.python.describe`), ``refresh``
``progress``   → client   ``phase``, ``name``, ``done``, ``total`` (bytes or counts; ``total`` may be null)
``warning``    → client   ``text``
``image``      → client   ``adapter``, ``satisfied``; descriptors: the image's memory objects, the index first
``report``     → client   ``report``: pip's installation report, a lock, or a tree (`mempip.installer.session`)
``error``      → client   ``error``: `mempip.errors.to_wire`
``declined``   → client   ``reason``: a daemon leaves it to an installer of the client's own
``status``     client →   of a daemon: ``protocol``; the answer has ``status``
``stop``       client →   of a daemon: ``protocol``; the answer is ``stopping`` with ``pid``
=============  =========  ==================================================================================
"""
