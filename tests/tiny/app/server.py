"""An application that is no todo list: it greets, and it counts what it greeted."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATHS = ("/", "/ready", "/live")
greeted = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        global greeted
        greeted += self.path == "/"
        body = {"greeting": os.environ["GREETING"], "greeted": greeted, "has_password": bool(os.environ["PASSWORD"])}
        payload = json.dumps(body).encode()
        self.send_response(200 if self.path in PATHS else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        print(json.dumps({"level": "info", "event": format % args}), flush=True)


if __name__ == "__main__":
    if not os.environ["GREETING"]:
        sys.exit("GREETING is empty: there is nothing to greet with")
    server = ThreadingHTTPServer(("", 8080), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"level": "info", "event": "serving"}), flush=True)
    server.serve_forever()
