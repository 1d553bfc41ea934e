//! A package must have a source file.
