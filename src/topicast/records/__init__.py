"""From a file to ``Record``: finding, reading, parsing, checking. Nothing here decides what shows."""
