# /// script
# dependencies = ["soundfile", "soxr"]
# [tool.mempip]
# container = true
# ///
"""A bundled libsndfile, opened by path with cffi: formats, a recording in memory, resampled."""

import io

import numpy as np
import soundfile
import soxr

print(soundfile.__libsndfile_version__.count("."), sorted({"WAV", "FLAC", "OGG"} & set(soundfile.available_formats())))
tone = np.sin(np.arange(8000) * 440 * 2 * np.pi / 8000)
for format, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")):
    stream = io.BytesIO()
    soundfile.write(stream, tone, 8000, format=format, subtype=subtype)
    stream.seek(0)
    read, rate = soundfile.read(stream)
    print(format, rate, read.shape, bool(np.abs(read[100:-100] - tone[100:-100]).max() < 0.1))
print(soxr.resample(tone, 8000, 16000).shape)
