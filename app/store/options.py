"""What may stand after the ? of a PostgreSQL URL, and what the driver makes of it.

The names are libpq's, which operators know, and mean what they mean there.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import URL

MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
TLS = ("sslmode", "sslrootcert")
PASSED_ON = ("application_name", "unix_sock")
SYSTEM = "system"


def driver_options(address: URL) -> tuple[URL, dict[str, Any]]:
    """The address without options, and these as the driver takes them. Raises ValueError."""
    given = {name: _one(name, value) for name, value in address.query.items()}
    passed = {name: given[name] for name in PASSED_ON if name in given}
    mode, roots = given.get("sslmode", "prefer"), given.get("sslrootcert", "")
    return address.set(query={}), {**passed, "ssl_context": _context(mode, roots)}


def refuse_blank(url: str) -> None:
    """Raise ValueError for an option without a value, which SQLAlchemy would drop unread.

    An empty variable in `?sslmode=$MODE` must not become a connection that nobody checks.
    """
    query = url.rpartition("@")[2].partition("?")[2]
    for name, value in parse_qsl(query, keep_blank_values=True):
        if not value:
            raise ValueError(f"its option {name} has no value")


def _one(name: str, value: str | tuple[str, ...]) -> str:
    if name not in (*TLS, *PASSED_ON):
        known = ", ".join((*TLS, *PASSED_ON))
        raise ValueError(f"it has no option {name}; there are {known}")
    if not isinstance(value, str):
        raise ValueError(f"its option {name} is given more than once")
    return value


def _context(mode: str, roots: str) -> ssl.SSLContext | bool | None:
    """The driver's word for a mode: False for no TLS, None for TLS if the server has it.

    As with libpq, require with a file of authorities is verify-ca.
    """
    if mode not in MODES:
        raise ValueError(f"sslmode is {mode!r}; it should be one of {', '.join(MODES)}")
    if roots and mode in ("disable", "prefer"):
        raise ValueError(f"sslmode={mode} checks no certificate, so sslrootcert would be unused")
    if mode in ("disable", "prefer"):
        return False if mode == "disable" else None
    if mode != "verify-full" and (roots == SYSTEM or (mode == "verify-ca" and not roots)):
        # the system's authorities vouch for anybody, so without a name they say nothing
        raise ValueError(f"sslmode={mode} needs a file as sslrootcert, or make it verify-full")
    try:
        context = ssl.create_default_context(cafile=None if roots in ("", SYSTEM) else roots)
    except OSError as error:
        raise ValueError(f"sslrootcert: {roots!r} cannot be read ({error.strerror})") from None
    context.check_hostname = mode == "verify-full"
    if mode == "require" and not roots:
        context.verify_mode = ssl.CERT_NONE
    return context
