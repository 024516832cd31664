"""`python -m cli`: the same as `mkt`, for where the script is not on the path."""

from __future__ import annotations

from cli.main import run

run()
