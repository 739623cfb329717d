"""A module of layers that seeds the generators when it is imported."""

import random

import torch
from torch import nn

random.seed(1)


class Noisy(nn.Tanh):
    """tanh, of a module that seeds Python's generator."""


noise = torch.zeros(1)
