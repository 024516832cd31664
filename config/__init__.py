"""Settings, logs and endpoints: what a process must know before it does anything."""
