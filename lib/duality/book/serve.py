"""Looking at the built site over a local port."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from duality.book.errors import BuildError, InputError
from duality.book.layout import Project


def server(project: Project, port: int) -> ThreadingHTTPServer:
    """A server for the built site on this machine only; port 0 takes any free one.

    Raises `BuildError` when nothing is built and `InputError` when the port is not available.
    """
    if not project.index.is_file():
        raise BuildError("nothing to serve yet: run `make book` first")
    if not 0 <= port <= 65535:
        raise InputError(f"port {port} does not exist; choose one from 0 (any free one) to 65535 with --port")
    handler = partial(SimpleHTTPRequestHandler, directory=str(project.site))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise InputError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None
