"""Indexes and link locations → project files → candidates → metadata. Pure functions, and one `Catalog` of it all."""
