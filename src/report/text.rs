//! The summary as text: one screen that somebody who has never seen it can read.
