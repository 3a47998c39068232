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
    handler = partial(SimpleHTTPRequestHandler, directory=str(project.site))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise InputError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None
