"""From ``Record`` to ``Entry``: text, addresses and content as readers may see them."""
