"""Serves a desk on the loopback address, until it is ended. Needs the extra [web]."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from grader.model.problem import Problem
from grader.web.app import application
from grader.web.desk import Desk

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Return a socket on the loopback address; port 0 takes any that is free.

    Raises :class:`~grader.model.problem.Problem` where that port is taken.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError as error:
        made.close()
        raise Problem(
            f"port {port} can't be had ({error.strerror}): choose another with --port"
        ) from None
    return made


def serve(desk: Desk, found: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve *desk* on a socket; *ready* is given the address once it answers.

    Returns after Ctrl-C or SIGTERM, when the requests that had begun are answered.
    """
    port = found.getsockname()[1]
    config = uvicorn.Config(
        application(desk, port),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=5,
        limit_concurrency=200,
    )
    server = _Server(config, lambda: ready(f"http://{HOST}:{port}/?token={desk.sessions.token}"))
    server.run(sockets=[found])


class _Server(uvicorn.Server):
    """Says when it answers, and ends in order at a signal without raising it again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
