"""Serves provisioner.py over HTTP, for --provision http://127.0.0.1:8081

    python3 provision_http.py --database music.db --port 8081
"""

import argparse
import json
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import provisioner


class Handler(BaseHTTPRequestHandler):
    database = ""
    paths = "there are /capabilities, /scenes, /history, /histories, /revocations and /departures"
    operations = {"/histories": "histories", "/revocations": "revoke_key", "/departures": "end_membership"}

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/capabilities":
            self.answer(200, {"operation": "capabilities"})
        elif url.path == "/history":
            self.answer(200, {"operation": "history", **dict(parse_qsl(url.query))})
        else:
            self.write(404, {"error": self.paths})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/scenes":
            self.answer(201, {"operation": "create_scene", "scene": json.loads(body)})
        elif self.path in self.operations:
            self.answer(200, {"operation": self.operations[self.path], **json.loads(body)})
        else:
            self.write(404, {"error": self.paths})

    def answer(self, status, request):
        try:
            value = provisioner.carry_out(self.database, request)
        except Exception as fault:  # the suite prints this
            traceback.print_exc()
            value = {"error": repr(fault), "status": 500}
        self.write(value.get("status", status), value)

    def write(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, default=8081)
    arguments = parser.parse_args()
    Handler.database = arguments.database
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(f"the provisioner listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
