"""Plain data that every other room speaks of."""
