"""Lessons: walkthroughs as data, held to the engine, read, copied and changed."""
