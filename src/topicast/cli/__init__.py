"""The command line: one file a command, which turns arguments into a call and an exit code."""
