"""The only store: what is known of the records, so that a build costs what changed."""
