"""The printed statements about hybrid architectures and their repairs, one module per part of the source."""
