//! External feed triggers, told as a story.
