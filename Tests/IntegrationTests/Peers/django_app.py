"""The examples of django-grip's README in one file: django_app.py PORT CONTROL_URI."""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from django.conf import settings

port, control_uri = int(sys.argv[1]), sys.argv[2]

settings.configure(
    DEBUG=False,
    SECRET_KEY="for tests only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django_grip.GripMiddleware"],
    GRIP_PROXIES=[{"control_uri": control_uri, "key": "changeme"}],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django_grip import set_hold_longpoll, set_hold_stream, websocket_only  # noqa: E402


def stream(request):
    set_hold_stream(request, "test")
    return HttpResponse("[stream open]\n", content_type="text/plain")


def poll(request):
    set_hold_longpoll(request, "test", timeout=20)
    return HttpResponse("nothing\n", content_type="text/plain")


@websocket_only
def echo(request):
    socket = request.wscontext
    if socket.is_opening():
        socket.accept()
        socket.subscribe("test")
    while socket.can_recv():
        message = socket.recv()
        if message is None:
            socket.close()
            break
        socket.send(message)


urlpatterns = [path("stream", stream), path("poll", poll), path("echo", echo)]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("127.0.0.1", port, get_wsgi_application(), server_class=ThreadingServer).serve_forever()
