"""Where records are read and entries rendered."""
