//! Desired counts, placement, scale-in, throttling.
