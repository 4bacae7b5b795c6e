"""Somebody who takes JSON messages over HTTP, as a chat or a push service does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Listener:
    """`messages` are what came in and was taken: title and body. While it is `deaf` it answers 503."""

    def __init__(self, port: int) -> None:
        self.url = f"json://127.0.0.1:{port}/secret-path"
        self.messages: list[tuple[str, str]] = []
        self.deaf = False


@contextmanager
def listen() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not listener.deaf:
                listener.messages.append((told["title"], told["message"]))
            self.send_response(503 if listener.deaf else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(server.server_address[1])
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
