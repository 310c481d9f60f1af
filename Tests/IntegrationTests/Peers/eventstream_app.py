"""A django-eventstream with stored events, users and permissions, without a process of its own for streams."""

import argparse
import json
import os

import django
from django.conf import settings

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--control-uri", required=True)
parser.add_argument("--server", default="gunicorn")
parser.add_argument("--folder", required=True, help="where the database is")
options = parser.parse_args()

settings.configure(
    DEBUG=False,
    SECRET_KEY="for tests only, where nobody has anything to hide",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_eventstream"],
    MIDDLEWARE=[
        "django_grip.GripMiddleware",
        f"{__name__}.short_keep_alive",
        f"{__name__}.named_user",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(options.folder, "events.sqlite3"),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    GRIP_PROXIES=[{"control_uri": options.control_uri, "key": "changeme", "verify_iss": "pushpin"}],
    EVENTSTREAM_STORAGE_CLASS="django_eventstream.storage.DjangoModelStorage",
    EVENTSTREAM_CHANNELMANAGER_CLASS=f"{__name__}.ChannelManager",
)
django.setup()

from django.contrib.auth.models import AnonymousUser, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django_eventstream import channel_permission_changed, send_event  # noqa: E402
from django_eventstream.channelmanager import DefaultChannelManager  # noqa: E402
from django_eventstream.storage import DjangoModelStorage  # noqa: E402

from servers import serve  # noqa: E402

banned = set()


class ChannelManager(DefaultChannelManager):
    def can_read_channel(self, user, channel):
        name = user.username if user else "anonymous"
        return (name, channel) not in banned and (user is not None or not channel.startswith("members-"))

    def is_channel_reliable(self, channel):
        return not channel.startswith("loose-")


def short_keep_alive(get_response):
    """The library's twenty seconds are a long time for a test."""

    def middleware(request):
        response = get_response(request)
        if request.grip.instruct and "ticking" in request.GET:
            request.grip.instruct.keep_alive_timeout = 1
        return response

    return middleware


def named_user(get_response):
    """Who a client says that it is."""

    def middleware(request):
        name = request.headers.get("X-User")
        request.user = User.objects.get_or_create(username=name)[0] if name else AnonymousUser()
        return get_response(request)

    return middleware


def ok():
    return HttpResponse("Ok\n", content_type="text/plain")


def send(request):
    """Sends one event, or as many as `count` says, to all but the users of `skip`."""
    skipped = [str(user.pk) for user in User.objects.filter(username=request.POST.get("skip", ""))]
    for number in range(int(request.POST.get("count", 1))):
        text = request.POST["text"].replace("{}", str(number + 1))
        send_event(request.POST["channel"], "message", {"text": text}, skip_user_ids=skipped)
    return ok()


def store(request):
    """Does what is left of sending an event when the process ends before the proxy hears of it."""
    DjangoModelStorage().append_event(request.POST["channel"], "message", json.dumps({"text": request.POST["text"]}))
    return ok()


def ban(request):
    """Takes the right to read a channel from a user, or from those who are none."""
    name, channel = request.POST["user"], request.POST["channel"]
    banned.add((name, channel))
    channel_permission_changed(User.objects.filter(username=name).first(), channel)
    return ok()


urlpatterns = [
    path("events", include("django_eventstream.urls")),
    path("rooms/<room>/events/", include("django_eventstream.urls"), {"format-channels": ["room-{room}"]}),
    path("send", send),
    path("store", store),
    path("ban", ban),
]

call_command("migrate", verbosity=0)
connections.close_all()
serve(get_wsgi_application(), options.port, options.server)
