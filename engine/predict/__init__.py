"""Questions about a run, generated from the run itself, with the answers that people expect.

A fact is something that the run shows at a step. Each kind of fact knows what one might wrongly
expect there, why it is not so, and how to recognise the same question in another run; a wrong
answer is shown in the run in which it would have been right.
"""

from engine.predict.fact import Choice, Question, Scene
from engine.predict.form import asked_at, questions, questions_json

__all__ = ["Choice", "Question", "Scene", "asked_at", "questions", "questions_json"]
