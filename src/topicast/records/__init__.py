"""From a file to ``Record``: finding, reading, parsing and checking. The gate comes later."""
