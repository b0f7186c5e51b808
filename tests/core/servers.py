"""Real servers on loopback, for what leaves by network: SMTP, and anything that takes or gives JSON."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Smtp(socketserver.ThreadingTCPServer):
    """Takes mails as RFC 5321 says, and keeps them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.received: list[bytes] = []
        super().__init__(("127.0.0.1", 0), SmtpConversation)


class SmtpConversation(socketserver.StreamRequestHandler):
    server: Smtp

    def handle(self) -> None:
        self.say("220 loopback")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text.removeprefix(b"."))
                self.server.received.append(b"".join(lines))
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                break
            else:
                self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def http(answer: Callable[[BaseHTTPRequestHandler, Any], tuple[int, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Its address, and what it was asked: (method, path, headers, JSON body)."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply()

        def do_POST(self) -> None:
            self.reply()

        def reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            asked.append((self.command, self.path, dict(self.headers), body))
            status, content = answer(self, body)
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:
                pass  # the other side has not waited

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}", asked


def hanging(seconds: float) -> Callable[[BaseHTTPRequestHandler, Any], tuple[int, Any]]:
    """A server that has taken the question and says nothing for so long."""

    def answer(handler: BaseHTTPRequestHandler, body: Any) -> tuple[int, Any]:
        time.sleep(seconds)
        return 200, {}

    return answer
