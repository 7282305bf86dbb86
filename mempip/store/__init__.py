"""Who holds images, and how they are asked for one.

``protocol`` and ``client`` are light half: the standard library only. A store answers a request with an image
whose memory objects travel as descriptors.
"""
