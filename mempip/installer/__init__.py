"""The heavy half: from requirements to verified wheels in sealed memory. Runs in a process of its own.

``session`` reads as the pipeline, top to bottom.
"""
