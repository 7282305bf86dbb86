"""macOS: memory objects that are POSIX shared memory, and libraries that are in files while they are loaded."""
