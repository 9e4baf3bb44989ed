"""From a file to ``Record``: finding, reading, parsing and checking. Nothing here decides what is shown."""
