"""What a task gives, checked before it is used: a broken promise names the task and its plugin."""
