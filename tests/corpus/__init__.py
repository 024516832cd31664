"""A corpus of files as people have them, each with what must become of it, cell by cell."""
