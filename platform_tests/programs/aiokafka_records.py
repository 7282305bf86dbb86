# /// script
# dependencies = ["aiokafka", "lz4", "cramjam"]
# [tool.mempip]
# container = true
# ///
"""Batches of records in Cython, and a client that nobody answers."""

import asyncio
import logging

import aiokafka
from aiokafka.record import MemoryRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c, encode_varint

logging.disable()
for compression in range(4):
    batch = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, 0, 10**6)
    for offset in range(3):
        batch.append(offset, timestamp=1000, key=None, value=b"tea " * 50, headers=[])
    data = bytes(batch.build())
    print(len(data), [record.value[:3] for record in MemoryRecords(data).next_batch()])
print(calc_crc32c(b"123456789"), DefaultRecordBatchBuilder.__module__)


async def main():
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    try:
        await producer.start()
    except aiokafka.errors.KafkaConnectionError as error:
        print(type(error).__name__)
    await producer.stop()


asyncio.run(main())
