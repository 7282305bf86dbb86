"""Analysis of native code for those who decide before loading: doctor and the installer. May use pyelftools."""
