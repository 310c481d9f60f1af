"""The servers that the applications of this folder can run in."""

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from gunicorn.app.base import BaseApplication


class Gunicorn(BaseApplication):
    """One process with threads, which keeps connections open between requests."""

    def __init__(self, application, port):
        self.application = application
        self.port = port
        super().__init__()

    def load_config(self):
        settings = {
            "bind": f"127.0.0.1:{self.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 8,
            # Longer than any test, so that no connection is closed just when the proxy uses it again.
            "keepalive": 120,
            "graceful_timeout": 1,
            # It would be a file in the user's home, shared by all.
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        return self.application


class ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def serve(application, port, server):
    """Runs until the process is ended. Python's own server speaks HTTP/1.0, a connection for each request."""
    if server == "gunicorn":
        Gunicorn(application, port).run()
    else:
        make_server("127.0.0.1", port, application, server_class=ThreadingServer).serve_forever()
