# /// script
# dependencies = ["imageio[ffmpeg]", "numpy"]
# ///
"""A packaged executable: FFmpeg writes a film and reads it back."""

import imageio.v2 as imageio
import imageio_ffmpeg
import numpy as np

print(imageio_ffmpeg.get_ffmpeg_version().count(".") >= 1)
with imageio.get_writer("film.mp4", fps=10, macro_block_size=16) as writer:
    for shade in range(0, 250, 25):
        writer.append_data(np.full((64, 64, 3), shade, np.uint8))
with imageio.get_reader("film.mp4") as reader:
    meta = reader.get_meta_data()
    print(meta["fps"], meta["size"], meta["codec"], len([frame for frame in reader]))
frames, seconds = imageio_ffmpeg.count_frames_and_secs("film.mp4")
print(frames, round(seconds, 1))
