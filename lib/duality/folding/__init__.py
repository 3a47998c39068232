"""Folded optimization: a solver as a layer, differentiated at the fixed point of an update map (F)."""
