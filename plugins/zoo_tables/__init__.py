"""Rows of several columns: texts beside categories and numbers, and one bag of features of all of them."""

from zoo_core import Task, Vectorizer, hookimpl
from zoo_tables.tasks import TableClassification
from zoo_tables.vectorizers import ScaledNumbers, Union


@hookimpl
def zoo_tasks() -> list[type[Task]]:
    return [TableClassification]


@hookimpl
def zoo_vectorizers() -> list[type[Vectorizer]]:
    return [Union, ScaledNumbers]
