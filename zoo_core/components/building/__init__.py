"""The call of `build`, and what each kind is offered."""
