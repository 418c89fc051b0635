"""The tables, version by version. A version is never edited once it was released."""

HEAD = "0001"
"""The newest version, which a test holds to the files under versions/."""
