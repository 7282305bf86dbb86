# /// script
# dependencies = ["awscli", "httpie", "yt-dlp"]
# ///
"""Commands with data files by the hundred, and with plugins."""

import http.server
import subprocess
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "16")
        self.end_headers()
        self.wfile.write(b'{"tea": "green"}')

    def log_message(self, *_):
        pass


def run(*command):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    print(command[0], done.returncode, *done.stdout.splitlines()[:12], sep="\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
run("httpie", "--ignore-stdin", "--body", f"http://127.0.0.1:{server.server_port}/")
run("awscli", "configure", "list-profiles")
run("awscli", "sts", "get-caller-identity", "--generate-cli-skeleton", "output")
run("yt_dlp", "--list-extractors")
