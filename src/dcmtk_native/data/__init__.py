"""Data sets: reading, showing, converting, changing."""
