"""Takes webhooks at 127.0.0.1 with the key in argv, checks them as docs/notices.md says, prints one JSON object each."""

import base64
import hashlib
import hmac
import http.server
import json
import sys

KEY = sys.argv[1]


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        head, body = self.headers, self.rfile.read(int(self.headers["content-length"]))
        signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
        mac = hmac.digest(base64.b64decode(KEY.removeprefix("whsec_")), signed, hashlib.sha256)
        good = hmac.compare_digest("v1," + base64.b64encode(mac).decode(), head["webhook-signature"])
        print(json.dumps({"good": good, "id": head["webhook-id"], "body": json.loads(body)}), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
print(server.server_port, flush=True)
server.serve_forever()
