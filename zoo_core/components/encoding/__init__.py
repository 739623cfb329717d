"""The contracts of what turns texts into features: vectorizers and weightings."""
