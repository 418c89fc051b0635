"""An nginx of the tests' own before a server of ours: configured as the page for operators says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from programs import provided
from server import ROOT

FRAME = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    {location}
  }}
}}
"""


def find_nginx() -> str:
    """Where nginx is; without one the test fails in CI and is skipped elsewhere."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return provided(found, "no nginx: install the package nginx-light")


def advised(server: str) -> str:
    """The location that docs/operators.md gives, for this server."""
    text = (ROOT / "docs" / "operators.md").read_text()
    block = re.search(r"    location /fw/ \{.*?\n    \}\n", text, re.S)
    assert block and "http://127.0.0.1:8000" in block[0]
    return block[0].replace("http://127.0.0.1:8000", server)


@contextmanager
def running_nginx(location: str) -> Iterator[str]:
    """Start nginx with this location on a free port, yield its address, stop it."""
    program = find_nginx()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        user = "user root;" if os.geteuid() == 0 else ""
        text = FRAME.format(folder=folder, port=port, user=user, location=location)
        (folder / "nginx.conf").write_text(text)
        command = [program, "-p", name, "-c", str(folder / "nginx.conf")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                yield _awaited(f"http://127.0.0.1:{port}", folder)
            finally:
                process.terminate()
                process.wait(10)


def _awaited(address: str, folder: Path) -> str:
    for _ in range(100):
        try:
            httpx.get(address)
            return address
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx does not answer: {(folder / 'error.log').read_text()[-2000:]}")
