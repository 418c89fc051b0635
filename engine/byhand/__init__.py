"""Be the kernel: a page fault handled by hand, one move at a time, and judged move by move."""

from engine.byhand.form import played_json
from engine.byhand.game import Game
from engine.byhand.tasks import Task, find_task, task_kernel, task_scene, tasks

__all__ = ["Game", "Task", "find_task", "played_json", "task_kernel", "task_scene", "tasks"]
