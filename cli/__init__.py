"""The face: the `mkt` command."""
