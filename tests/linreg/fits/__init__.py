"""Neighbours and lines."""
