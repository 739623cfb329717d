"""The calibration of a run: fitted on validation rows, stored in the run folder, read without trust."""
