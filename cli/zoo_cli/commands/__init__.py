"""The commands of `zoo`: each module holds one command or one group of commands."""
