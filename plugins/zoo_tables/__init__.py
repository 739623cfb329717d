"""Tables: text columns beside numbers and categories."""
