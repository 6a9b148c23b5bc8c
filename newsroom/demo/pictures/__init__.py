"""Illustrations that the demo draws itself: no photographs, no licences, the same on every machine."""
