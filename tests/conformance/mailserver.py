"""A mail server in whose way things come: it refuses, hangs and hangs up, also after it has taken a message."""

from __future__ import annotations

import email
import random
import socketserver
from collections import Counter
from datetime import timedelta
from threading import Lock, Thread
from time import sleep
from typing import Any

NEVER = "@never.example"
"""Recipients who are refused for good."""


class Unruly(socketserver.ThreadingTCPServer):
    """taken: Message-ID and bytes of everything that arrived, also where the answer was held back (`unsaid` counts
    these). tame: from now on it does as servers should."""

    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64

    def __init__(self, seed: int, hanging: timedelta) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.did: Counter[str] = Counter()
        self.unsaid, self.tame, self.hanging = 0, False, hanging.total_seconds()
        self._chance, self._lock = random.Random(seed), Lock()
        super().__init__(("127.0.0.1", 0), Session)
        self.port: int = self.server_address[1]

    def __enter__(self) -> Unruly:
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed; that is no news."""

    def mood(self) -> str:
        """What happens to the next message."""
        moods = {"good": 190, "hung": 1, "hung after": 1, "dropped": 1, "dropped after": 2, "refused for now": 5}
        with self._lock:
            return "good" if self.tame else self._chance.choices(list(moods), list(moods.values()))[0]

    def count(self, what: str) -> None:
        with self._lock:
            self.did[what] += 1

    def take(self, raw: bytes, *, unsaid: bool) -> None:
        with self._lock:
            self.taken.append((str(email.message_from_bytes(raw)["Message-ID"]), raw))
            self.unsaid += unsaid


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: Unruly

    def handle(self) -> None:
        self._say("220 hello")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"QUIT":
                self._say("221 bye")
                return
            if command == b"RCPT" and NEVER.encode() in line:
                self.server.count("refused for good")
                self._say(f"550 nobody here{NEVER}")
            elif command == b"DATA":
                self._say("354 go on")
                if not self._message():
                    return
            else:
                self._say("250 ok")

    def _message(self) -> bool:
        """Take a message; whether the connection goes on."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if not line:  # torn off before its end: not taken
            return False
        raw, mood = b"".join(lines), self.server.mood()
        if mood != "good":
            self.server.count(mood.removesuffix(" after"))
        if mood == "refused for now":
            self._say("451 later")
            return True
        if mood == "good" or mood.endswith(" after"):
            self.server.take(raw, unsaid=mood != "good")
        if mood.startswith("hung"):
            sleep(self.server.hanging)
        if mood != "good":
            return False
        self._say("250 taken")
        return True

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")
