"""What people get from a run beside its metrics: tables of predictions, wrong rows, and a threshold for an aim."""
