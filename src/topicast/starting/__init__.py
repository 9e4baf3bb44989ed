"""What ``topicast init`` writes: a configuration to start from, and recipes for schedulers."""
