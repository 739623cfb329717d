"""The process of `zoo`: its start, signals, import path and memory limit."""
