"""A small WebSocket client (RFC 6455), for tests of the tail endpoint."""

import base64
import hashlib
import os
import select
import socket
import struct

from harness import TestFailure, check, check_equal

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class HandshakeRefused(Exception):
    """The server did not upgrade; `status` is what it answered."""

    def __init__(self, status, head, body):
        super().__init__(status)
        self.status, self.head, self.body = status, head, body


class Closed(Exception):
    """The server sent a close frame."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    """One connection. Pings are answered and counted.

    With `receive_bytes` the system keeps about so much of what has arrived and was not taken.
    """

    def __init__(self, port, path, headers=None, timeout=30, receive_bytes=None):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(timeout)
        self._socket.connect(("127.0.0.1", port))
        self._input = b""
        self.pings = 0
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
                 "Origin: http://elsewhere.example"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._check_handshake(key)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _check_handshake(self, key):
        while b"\r\n\r\n" not in self._input:
            self._receive()
        head, self._input = self._input.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {name.lower(): value for name, value in (line.split(": ", 1)
                                                            for line in lines[1:])}
        if status != 101:
            while len(self._input) < int(headers.get("content-length", 0)):
                self._receive()
            raise HandshakeRefused(status, headers, self._input.decode())
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        check_equal(headers.get("sec-websocket-accept"), accept, "Sec-WebSocket-Accept")

    def _receive(self):
        data = self._socket.recv(65536)
        if not data:
            raise TestFailure("the server hung up without a close frame")
        self._input += data

    def _take(self, size):
        while len(self._input) < size:
            self._receive()
        data, self._input = self._input[:size], self._input[size:]
        return data

    def _frame(self):
        first, second = self._take(2)
        check(first & 0x70 == 0, "reserved bits are set")
        check(second & 0x80 == 0, "the server masked a frame")
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        check(first & 0x80, "a message in several frames")
        return first & 0x0F, self._take(size)

    def receive(self):
        """Returns the next text message; raises Closed when there is none."""
        while True:
            message = self._message()
            if message is not None:
                return message

    def receive_within(self, seconds):
        """Returns a text message, or None if none has begun to arrive within so many seconds."""
        return self._message() if self.has_input(seconds) else None

    def receive_arrived(self):
        """Returns the text messages that have begun to arrive."""
        messages = []
        while self.has_input(0):
            messages.append(self._message())
        return [message for message in messages if message is not None]

    def _message(self):
        """Takes one frame; returns its text, None for a ping or a pong."""
        kind, payload = self._frame()
        if kind == TEXT:
            return payload.decode()
        if kind == PING:
            self.pings += 1
            self.send(PONG, payload)
        if kind == CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if payload else 1005
            self.send(CLOSE, payload)
            raise Closed(code, payload[2:].decode())
        return None

    def fileno(self):
        return self._socket.fileno()

    def has_input(self, seconds):
        """Whether bytes arrive within so many seconds."""
        poll = select.poll()  # select() takes no descriptor from 1024 on
        poll.register(self._socket, select.POLLIN)
        return bool(self._input or poll.poll(seconds * 1000))

    def send(self, kind, payload=b""):
        """Sends one frame of less than 126 bytes."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self._socket.sendall(bytes([0x80 | kind, 0x80 | len(payload)]) + mask + masked)

    def close(self, code=1000):
        """Says good-bye and waits until the server has said so too; returns its code."""
        self.send(CLOSE, struct.pack(">H", code))
        while True:
            kind, payload = self._frame()
            if kind == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005
