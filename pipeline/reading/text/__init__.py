"""From bytes to text, and from text to records."""
