"""The build: chapters in, checked pages out. Every function takes the project explicitly; nothing is global."""
