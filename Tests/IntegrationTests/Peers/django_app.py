"""What django-grip's README shows, in one application."""

import argparse
import threading

from django.conf import settings

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--control-uri", required=True)
parser.add_argument("--server", default="gunicorn")
parser.add_argument("--prefix", default="")
options = parser.parse_args()

settings.configure(
    DEBUG=False,
    SECRET_KEY="for tests only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django_grip.GripMiddleware"],
    GRIP_URL=f"{options.control_uri}?key=changeme&verify-iss=pushpin",
    GRIP_PREFIX=options.prefix,
)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified  # noqa: E402
from django.urls import path  # noqa: E402
from django_grip import publish, set_hold_longpoll, set_hold_stream, websocket_only  # noqa: E402
from gripcontrol import (  # noqa: E402
    Channel,
    HttpResponseFormat,
    HttpStreamFormat,
    WebSocketMessageFormat,
)

from servers import serve  # noqa: E402


class Versioned:
    """A value that counts how often it was changed."""

    def __init__(self):
        self.lock = threading.Lock()
        self.version = 1
        self.text = "one"

    def read(self):
        with self.lock:
            return self.text, self.version

    def change(self, text):
        with self.lock:
            self.text, self.version = text, self.version + 1
            return self.version


thing, document = Versioned(), Versioned()


def text_response(text, **arguments):
    return HttpResponse(text, content_type="text/plain", **arguments)


def stream(request):
    if request.method == "POST":
        publish("test", HttpStreamFormat(request.POST["data"] + "\n"))
        return text_response("Ok\n")
    if not request.grip.proxied:
        return text_response("Not Implemented\n", status=501)
    set_hold_stream(request, "test")
    return text_response("[stream open]\n")


def ticking(request):
    set_hold_stream(request, ["test", "other"], keep_alive_data="tick\n", keep_alive_timeout=1)
    return text_response("[stream open]\n")


def poll(request):
    set_hold_longpoll(request, "test", timeout=20)
    return text_response("nothing\n")


def object_with_etag(request):
    if request.method == "POST":
        version = thing.change(request.POST["data"])
        response = HttpResponseFormat(body=request.POST["data"] + "\n", headers={"ETag": f'"{version}"'})
        publish("object", response)
        return text_response("Ok\n")
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET", "POST"])
    text, version = thing.read()
    etag = f'"{version}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
        set_hold_longpoll(request, "object", timeout=int(request.GET.get("timeout", 20)))
    else:
        response = text_response(text + "\n")
    response["ETag"] = etag
    return response


def change_document(text):
    version = document.change(text)
    formats = [HttpResponseFormat(body=f"{version} {text}\n"), HttpStreamFormat(f"{version} {text}\n")]
    publish("document", formats, id=str(version), prev_id=str(version - 1), blocking=True)


def versions(request):
    """A long-poll that tells the proxy which version the client has, so that no change gets lost."""
    if request.method == "POST":
        change_document(request.POST["data"])
        return text_response("Ok\n")
    text, version = document.read()
    if request.GET.get("since") != str(version):
        return text_response(f"{version} {text}\n")
    set_hold_longpoll(request, Channel("document", prev_id=str(version)), timeout=20)
    if "meanwhile" in request.GET:
        # A change that the proxy hears of before it holds the request.
        change_document(request.GET["meanwhile"])
    return text_response("nothing\n")


def watched_versions(request):
    set_hold_stream(request, "document")
    return text_response("[stream open]\n")


@websocket_only
def echo(request):
    socket = request.wscontext
    if socket.is_opening():
        socket.accept()
        socket.subscribe("test")
    while socket.can_recv():
        message = socket.recv()
        if message is None:
            socket.close(socket.close_code)
            break
        if message == "quiet":
            socket.unsubscribe("test")
        if isinstance(message, bytes):
            socket.send_binary(message)
        else:
            socket.send(message)


@websocket_only
def count(request):
    """The proxy keeps the number, as this forgets everything between two messages."""
    socket = request.wscontext
    if socket.is_opening():
        socket.accept()
        socket.meta["count"] = "0"
    while socket.can_recv():
        if socket.recv() is None:
            socket.close()
            break
        socket.meta["count"] = str(int(socket.meta["count"]) + 1)
        socket.send(socket.meta["count"])


def broadcast(request):
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    publish("test", WebSocketMessageFormat(request.POST["data"]))
    return text_response("Ok\n")


urlpatterns = [
    path("stream", stream),
    path("ticking", ticking),
    path("poll", poll),
    path("object", object_with_etag),
    path("versions", versions),
    path("versions/stream", watched_versions),
    path("echo", echo),
    path("count", count),
    path("broadcast", broadcast),
]

serve(get_wsgi_application(), options.port, options.server)
