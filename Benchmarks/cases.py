"""What is measured, as data: for each case the load generator, its options, and the number that counts."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    name: str
    group: str
    title: str
    program: str  # hold, echo or get
    options: dict
    needs: frozenset
    measure: str  # the member of the load generator's result that counts
    columns: tuple = field(default=())  # further ones
    is_better_low: bool = False
    is_charted: bool = False
    seconds: float = 0  # for how long, 0 where the work itself says so


DELIVERY = ("p50_ms", "p99_ms", "max_ms", "cpu_us_per_delivery")
LATENCY = ("p99_ms", "max_ms", "deliveries_per_s", "cpu_us_per_delivery")
PUBLISHING = ("posts_per_s",)
HELD = ("idle_cpu_percent", "connects_per_s")
ANSWER = ("p50_ms", "p99_ms", "max_ms")
SECONDS = 2


def fan(name, title, clients, kind="stream", charted=False, **more):
    options = {"kind": kind, "path": f"/{kind}", "clients": clients, **more}
    needs = frozenset({kind} | ({"batch"} if "batch" in more else set()))
    return Case(
        *(name, "fan-out", title, "hold", options, needs, "deliveries_per_s", DELIVERY),
        is_charted=charted,
        seconds=SECONDS,
    )


def paced(name, title, clients, rate, seconds):
    options = {"kind": "stream", "path": "/stream", "clients": clients, "rate": rate}
    return Case(
        *(name, "latency", title, "hold", options, frozenset({"stream"}), "p50_ms", LATENCY),
        is_better_low=True,
        is_charted=True,
        seconds=seconds,
    )


def alone(name, title, clients, **more):
    """One message after the other: with several, the latency is that of those which wait before it."""
    options = {"kind": "stream", "path": "/stream", "clients": clients, "window": 1, **more}
    return Case(
        *(name, "latency", title, "hold", options, frozenset({"stream"}), "p99_ms"),
        ("p50_ms", "max_ms", "deliveries_per_s", "cpu_us_per_delivery"),
        is_better_low=True,
        seconds=SECONDS,
    )


def channels(name, title, charted=False, **more):
    options = {"kind": "stream", "path": "/stream", "clients": 1000, "channels": 1000, **more}
    return Case(
        *(name, "many channels", title, "hold", options, frozenset({"stream"}), "deliveries_per_s", DELIVERY),
        is_charted=charted,
        seconds=SECONDS,
    )


def publishing(name, title, **more):
    options = {"clients": 0, "channels": 4, "publishers": 4, **more}
    return Case(
        *(name, "publishing", title, "hold", options, frozenset({"publish"}), "messages_per_s", PUBLISHING),
        seconds=SECONDS,
    )


def idle(name, title, clients, kind):
    options = {"kind": kind, "path": f"/{kind}", "clients": clients, "settle": 2, "idle": 10}
    return Case(
        *(name, "idle", title, "hold", options, frozenset({kind}), "idle_kb_per_client", HELD),
        is_better_low=True,
        is_charted=kind == "stream" and clients == 10000,
    )


def echo(clients):
    options = {"path": "/ws?ch=c0", "clients": clients}
    title = f"WebSocket echo, {clients:,} client{'s' if clients > 1 else ''}"
    return Case(
        *(f"echo{clients}", "echo", title, "echo", options, frozenset({"echo"}), "round_trips_per_s", ANSWER),
        is_charted=clients == 100,
        seconds=SECONDS,
    )


def plain(connections):
    options = {"path": "/hello", "connections": connections}
    title = f"GET without a hold, {connections} connection{'s' if connections > 1 else ''}"
    return Case(
        *(f"plain{connections}", "plain requests", title, "get", options, frozenset({"plain"}), "requests_per_s"),
        ANSWER,
        is_charted=connections == 64,
        seconds=SECONDS,
    )


def growth(name, title, **more):
    options = {"kind": "stream", "path": "/stream", **more}
    return Case(
        *(f"growth-{name}", "growth", title, "hold", options, frozenset({"stream"}), "cpu_us_per_delivery"),
        ("deliveries_per_s", "p50_ms", "p99_ms", "kb_per_client"),
        is_better_low=True,
        seconds=SECONDS,
    )


def growing_subscribers():
    return [
        growth(f"subscribers-{count}", f"1 channel, {count:,} subscribers", clients=count, settle=1)
        for count in (1000, 5000, 10000, 19000)
    ]


def growing_channels():
    """Each message reaches one subscriber; only how many others there are differs.

    With a single channel, Nchan 1.3.6 stalls: it numbers up to 32,767 messages of a channel in a second.
    """
    return [
        growth(
            f"channels-{clients * subscriptions}",
            f"{clients * subscriptions:,} channels, each with one subscriber",
            clients=clients,
            subscriptions=subscriptions,
            channels=clients * subscriptions,
            batch=20,
            window=100,
            settle=1,
        )
        for clients, subscriptions in ((100, 1), (1000, 1), (1000, 10), (5000, 20))
    ]


def growing_subscriptions():
    """Each message reaches all 1,000 clients; only to how many channels they subscribed differs."""
    return [
        growth(
            f"subscriptions-{count}",
            f"1,000 clients, {count} subscription{'s' if count > 1 else ''} each",
            clients=1000,
            channels=count,
            subscriptions=count,
        )
        for count in (1, 5, 20)
    ]


CASES = [
    fan("fan1k", "1 channel, 1,000 streams", 1000, charted=True),
    fan("fan10k", "1 channel, 10,000 streams", 10000, charted=True, settle=2),
    fan("fan19k", "1 channel, 19,000 streams", 19000, settle=2),
    fan("fan1k-batch10", "1 channel, 1,000 streams, 10 items in a POST", 1000, charted=True, batch=10, window=20),
    fan("fan1k-ws", "1 channel, 1,000 WebSockets", 1000, kind="ws", charted=True),
    fan("fan10k-ws", "1 channel, 10,000 WebSockets", 10000, kind="ws", settle=2),
    fan("fan19k-ws", "1 channel, 19,000 WebSockets", 19000, kind="ws", settle=2),
    fan("fan1k-sse", "1 channel, 1,000 event streams", 1000, kind="sse"),
    fan("fan10k-sse", "1 channel, 10,000 event streams", 10000, kind="sse", settle=2),
    fan("fan19k-sse", "1 channel, 19,000 event streams", 19000, kind="sse", settle=2),
    paced("paced1k", "10 messages a second to 1,000 streams", 1000, 10, 4),
    paced("paced10k", "a message every 2 seconds to 10,000 streams", 10000, 0.5, 10),
    alone("alone1k", "one message after the other to 1,000 streams", 1000),
    alone("alone10k", "one message after the other to 10,000 streams", 10000, settle=2),
    channels("one2one1k", "1,000 channels, each with one stream", charted=True, window=64, publishers=4),
    channels(
        *("one2one1k-batch100", "1,000 channels, each with one stream, 100 items in a POST"),
        **{"window": 200, "batch": 100, "publishers": 2},
    ),
    publishing("publish", "nobody subscribed, 1 item in a POST"),
    publishing("publish-batch100", "nobody subscribed, 100 items in a POST", batch=100, window=100),
    idle("idle10k", "10,000 streams that get nothing", 10000, "stream"),
    idle("idle19k", "19,000 streams that get nothing", 19000, "stream"),
    idle("idle10k-ws", "10,000 WebSockets that get nothing", 10000, "ws"),
    idle("idle19k-ws", "19,000 WebSockets that get nothing", 19000, "ws"),
    Case(
        *("holds", "holds", "streams that are connected, held and subscribed", "hold"),
        {"kind": "stream", "path": "/stream", "clients": 10000, "settle": 0},
        *(frozenset({"holds"}), "connects_per_s", ("kb_per_client",)),
        is_charted=True,
    ),
    *map(echo, (1, 100, 1000)),
    *map(plain, (1, 64)),
    *growing_subscribers(),
    *growing_channels(),
    *growing_subscriptions(),
]

# What a quick run holds at most, and for how long it does anything.
QUICK_CLIENTS = 1000
QUICK_SECONDS = 1


def arguments_of(case, is_quick):
    options = dict(case.options)
    if case.seconds:
        options["seconds"] = min(case.seconds, QUICK_SECONDS) if is_quick else case.seconds
    if is_quick:
        if "idle" in options:
            options["idle"] = QUICK_SECONDS
        clients = min(options.get("clients", 1), QUICK_CLIENTS)
        if "clients" in options and clients < options["clients"]:
            if options.get("channels", 1) > clients:
                options["channels"] = clients * options["subscriptions"]
            options["clients"] = clients
    return [text for name, value in options.items() for text in (f"--{name}", str(value))]
