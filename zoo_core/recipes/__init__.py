"""Recipes: plans, compatibility, alternatives, provenance, schemas and migration, without torch and data."""
