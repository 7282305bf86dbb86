# /// script
# dependencies = ["av", "moviepy"]
# ///
"""FFmpeg's libraries in an extension, and its executable by way of a package."""

import io

import av
import numpy as np
from moviepy import ColorClip, CompositeVideoClip

stream = io.BytesIO()
with av.open(stream, "w", format="mp4") as container:
    video = container.add_stream("mpeg4", rate=10)
    video.width = video.height = 64
    video.pix_fmt = "yuv420p"
    for shade in range(0, 250, 50):
        for packet in video.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), shade, np.uint8))):
            container.mux(packet)
    container.mux(video.encode())
stream.seek(0)
with av.open(stream) as container:
    print(container.format.name, [frame.width for frame in container.decode(video=0)], "h264" in av.codecs_available)
clip = CompositeVideoClip([ColorClip((32, 32), (255, 0, 0), duration=0.5)])
clip.write_videofile("clip.mp4", fps=10, logger=None)
with av.open("clip.mp4") as container:
    print(container.streams.video[0].codec_context.name, container.streams.video[0].frames)
