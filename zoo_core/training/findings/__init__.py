"""What a finished training shows that its user should know: checks of its data, its course and its result."""
