# SPDX-License-Identifier: Apache-2.0
"""Writes down the requests of one command, so that another client can make the same ones."""
import json
import re
import socket
import threading
from urllib.parse import parse_qs, urlsplit


def pump(source, target):
    """Copies until the end, and passes the end on."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Recorder:
    """Stands between a client and an engine's socket; for one command at a time."""

    def __init__(self, path, engine_path):
        self.engine_path = engine_path
        self.requests = []
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=[client], daemon=True).start()
        except OSError:
            pass

    def serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.engine_path)
            back = threading.Thread(target=pump, args=[engine, client], daemon=True)
            back.start()
            self.pass_on(client, engine)
            back.join()

    def pass_on(self, client, engine):
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                data = client.recv(65536)
                if not data:
                    engine.shutdown(socket.SHUT_WR)
                    return
                pending += data
            head, _, pending = pending.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
            length = int(length[1]) if length else 0
            while len(pending) < length:
                pending += client.recv(65536)
            body, pending = pending[:length], pending[length:]
            method, target = head.decode().split(" ", 2)[:2]
            with self.lock:
                self.requests.append((method, target, body.decode()))
            engine.sendall(head + b"\r\n\r\n" + body)
            if re.search(rb"(?im)^upgrade:", head):
                engine.sendall(pending)
                pump(client, engine)
                return


def name_of(requests):
    """The name that the container was created with: Docker has it in the query, libpod in the body."""
    for _, target, body in requests:
        if urlsplit(target).path.endswith("/containers/create"):
            return parse_qs(urlsplit(target).query).get("name", [None])[0] or json.loads(body)["name"]
    raise ValueError("the command created no container")


def write_script(requests, path):
    """The requests as bare-client reads them, with places for the next container's id and name."""
    name = name_of(requests)
    ids = {match[1] for _, target, _ in requests if (match := re.search(r"/containers/([0-9a-f]{64})\b", target))}
    with open(path, "wb") as script:
        for method, target, body in requests:
            for container in ids:
                target, body = target.replace(container, "@ID@"), body.replace(container, "@ID@")
            target, body = target.replace(name, "@NAME@"), body.replace(name, "@NAME@").encode()
            script.write(f"{method} {target} {len(body)}\n".encode() + body + b"\n")
