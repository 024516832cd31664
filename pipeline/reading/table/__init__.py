"""From records to a table with meaning: where its header is, what its columns are called and what they mean."""
