"""The build: chapters in, checked pages out. Every function takes the project as an argument."""
