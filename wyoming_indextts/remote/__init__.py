"""An engine that is another wyoming-indextts, on a machine that has the graphics card."""
