"""Short links on the server: kept in SQLite or PostgreSQL, found by the hash of what they hold."""

from app.store.database import StoreAway, StoreFull, address_of
from app.store.links import Gone, Link, Links, Made, NotYours, TooMany, UnknownLink

__all__ = [
    "Gone",
    "Link",
    "Links",
    "Made",
    "NotYours",
    "StoreAway",
    "StoreFull",
    "TooMany",
    "UnknownLink",
    "address_of",
]
