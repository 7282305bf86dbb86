# /// script
# dependencies = ["celery"]
# ///
"""A worker in a thread with a broker in memory; transports, pools and commands found by name."""

import celery
from celery.bin.celery import celery as command
from celery.concurrency import get_available_pool_names
from celery.contrib.testing.worker import start_worker
from click.testing import CliRunner

app = celery.Celery("teas", broker="memory://", backend="cache+memory://")
app.conf.update(broker_connection_retry_on_startup=False, worker_hijack_root_logger=False)


@app.task
def add(x, y):
    return x + y


app.loader.import_default_modules()
with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
    print((add.s(1, 2) | add.s(10)).apply_async().get(timeout=30))
    print(celery.group(add.s(n, n) for n in range(4)).apply_async().get(timeout=30))
print(sorted(get_available_pool_names()))
shown = CliRunner().invoke(command, ["--help"])
print(shown.exit_code, [name for name in ("worker", "beat", "inspect", "shell") if name in shown.output])
