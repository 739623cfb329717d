"""Kill, power loss, signals and disk errors at every write of every command that writes files."""
