"""The contracts of what takes the steps of training: optimizers and schedulers."""
