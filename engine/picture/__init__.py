"""A run as a small picture in SVG: threads and what they hold, the pte's values, broken rules.

Time runs from left to right. A lane a thread: its turns, and in them, filled, what it does to
memory or asks of a driver; below it a thin line while it holds mmap_sem and a thick one while it
holds another lock; dashed where it waits. Below the threads what the pte says: pale is read-only.
An octagon stands over each step that breaks a rule.

A drawing has classes only: the page gives them the colours of its theme, STYLE gives them to a
picture that stands alone. Threads differ by pattern too.
"""

from engine.picture.drawing import picture, standalone
from engine.picture.style import PATTERNS, STYLE

__all__ = ["PATTERNS", "STYLE", "picture", "standalone"]
