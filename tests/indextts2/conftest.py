"""One thread: the nets of these tests are small, and sums are then in the same order each time."""

import torch

torch.set_num_threads(1)
