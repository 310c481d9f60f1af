"""nginx with Nchan, and its messages in memory. GRIP proxies keep no messages, so Nchan keeps none either."""

import os
import pathlib
import pwd
import shutil

from servers import Addresses, NotThere, Server, file_limit, local, output_of, start_origin

MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

# Of its connections, nginx gives away only 15 in 16 before it closes some again; what limits it is its files.
NGINX = """\
load_module {module};
user {user};
worker_processes {workers};
worker_rlimit_nofile {files};
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{
    worker_connections 30000;
}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    nchan_shared_memory_size 512M;
    nchan_message_buffer_length {kept};
    nchan_message_timeout 10s;
    upstream origin {{
        server {origin};
        keepalive 256;
        keepalive_requests 1000000000;
    }}
    server {{
        listen {address} backlog=4096;
        location = /publish {{
            nchan_publisher http;
            nchan_channel_id $arg_ch;
        }}
{subscribers}
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


SUBSCRIBER = """\
        location = /{path} {{
            nchan_subscriber {kind};
            nchan_channel_id $arg_ch;
            nchan_channel_id_split_delimiter ",";
            nchan_subscriber_first_message newest;
        }}"""

KINDS = {"stream": "http-raw-stream", "sse": "eventsource", "ws": "websocket"}

# Not items, but a request for each message; and channels of one client in one parameter.
PUBLISHING = ("--publish", "raw", "--publish-path", "/publish", "--separator", ",")


def starting(workers):
    def start(settings, folder, servers):
        origin, address = start_origin(servers), local()
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(
                module=MODULE,
                user=pwd.getpwuid(os.getuid()).pw_name,
                workers=workers,
                files=file_limit(),
                folder=folder,
                kept=settings.nchan_kept,
                origin=origin,
                address=address,
                subscribers="\n".join(SUBSCRIBER.format(path=path, kind=kind) for path, kind in KINDS.items()),
            )
        )
        with open(folder / "log", "wb") as log:
            servers.append(Server("nginx", "-c", configuration, "-p", folder, log=log))
        return Addresses(address, address, PUBLISHING)

    return start


def version(_):
    if not (shutil.which("nginx") and MODULE.exists()):
        raise NotThere("nginx with Nchan is missing: apt-get install nginx libnginx-mod-nchan")
    package = output_of("dpkg-query", "--show", "--showformat", "${Version}", "libnginx-mod-nchan")
    return f"{output_of('nginx', '-v').rpartition('/')[2]}, Nchan {package}"
