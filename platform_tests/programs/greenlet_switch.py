# /// script
# dependencies = ["greenlet"]
# [tool.mempip]
# container = true
# ///
"""Stacks switched in assembler, exceptions across them, and the C header that the package ships."""

import os

import greenlet


def producer(consumer):
    for n in range(3):
        consumer.switch(n)
    raise ValueError("done")


received = []


def consume(value):
    while True:
        received.append(value)
        value = greenlet.getcurrent().parent.switch()


consumer = greenlet.greenlet(consume)
try:
    greenlet.greenlet(producer).switch(consumer)
except ValueError as error:
    print(error, received)
header = os.path.join(os.path.dirname(greenlet.__file__), "greenlet.h")
print(os.path.isfile(header), "GREENLET_MODULE" in open(header).read(), greenlet._greenlet._C_API is not None)
