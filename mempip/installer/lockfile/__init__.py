"""Lock files, ``pylock.toml`` (PEP 751): read into resolutions, and written from them."""
