"""What tests stand on: a loopback index and wheels made to measure."""
