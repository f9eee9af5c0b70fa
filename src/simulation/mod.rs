//! The world and the loop.
