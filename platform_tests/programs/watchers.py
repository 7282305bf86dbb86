# /// script
# dependencies = ["watchfiles", "watchdog"]
# ///
"""Changes of files seen by Rust (watchfiles) and by ctypes (watchdog)."""

import os
import threading
import time

import watchfiles
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

os.mkdir("watched")
stop = threading.Event()


def write():
    for n in range(100):
        with open(f"watched/{n}.txt", "w") as stream:
            stream.write("x")
        if stop.wait(0.1):
            break


thread = threading.Thread(target=write)
thread.start()
for changes in watchfiles.watch("watched", debounce=100, step=20, rust_timeout=20000):
    if any(change.raw_str() == "added" for change, _ in changes):
        print("added")
        break
seen = threading.Event()


class Handler(FileSystemEventHandler):
    def on_created(self, event):
        if event.src_path.endswith(".txt"):
            seen.set()


observer = Observer()
observer.schedule(Handler(), "watched")
observer.start()
print(seen.wait(20), type(observer).__name__)
stop.set()
thread.join()
observer.stop()
observer.join()
