# /// script
# dependencies = ["confluent-kafka"]
# ///
"""A bundled librdkafka with the cluster that it imitates: produce, consume and compression."""

import confluent_kafka
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

producer = Producer({"test.mock.num.brokers": 1, "compression.type": "zstd", "bootstrap.servers": "x"})
print(confluent_kafka.libversion()[0] > "2", len(producer) == 0)
brokers = [broker for broker in producer.list_topics(timeout=20).brokers.values()]
address = f"{brokers[0].host}:{brokers[0].port}"
for n in range(3):
    producer.produce("teas", key=str(n), value=f"tea {n}", partition=0)
print(producer.flush(20))
consumer = Consumer({"bootstrap.servers": address, "group.id": "g", "auto.offset.reset": "earliest"})
consumer.subscribe(["teas"])
print([message.value() for message in consumer.consume(3, timeout=60)])
consumer.close()
print(sorted(AdminClient({"bootstrap.servers": address}).list_topics(timeout=20).topics))
