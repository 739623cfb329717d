"""Sentiment of Yelp reviews (Rao & McMahan, section 3.6): task, file format and synthetic sample."""

from __future__ import annotations

from zoo_core import hookimpl
from zoo_core.components import contracts
from zoo_yelp.readers import YelpPolarity
from zoo_yelp.tasks import Yelp


@hookimpl
def zoo_tasks() -> list[type[contracts.Task]]:
    return [Yelp]


@hookimpl
def zoo_readers() -> list[type[contracts.Reader]]:
    return [YelpPolarity]
