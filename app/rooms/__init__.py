"""Rooms: many pages that follow one.

Who presents sends where the presentation is, a cursor of some hundred bytes; the room passes the
newest on. Pages that follow hold the run themselves. Nobody has a name, and nothing is kept.
"""

from app.rooms.hub import Rooms
from app.rooms.names import name_of, new_key

__all__ = ["Rooms", "name_of", "new_key"]
