"""Sizes that need torch to be known."""

import torch

BYTES = torch.finfo(torch.float32).bits // 8
