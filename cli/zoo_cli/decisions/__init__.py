"""Options of `zoo evaluate` that choose a decision rule, and what is printed of it."""
