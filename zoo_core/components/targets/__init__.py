"""What follows from the type of the targets: exactly one class a row, or any number of labels a row."""
