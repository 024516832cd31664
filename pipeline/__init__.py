"""Rules: what happens to a file, a row, an address and a job, from intake to settle."""
