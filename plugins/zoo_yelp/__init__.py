"""The textbook's Yelp task: sentiment of restaurant reviews, its file formats, and a synthetic sample."""

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
