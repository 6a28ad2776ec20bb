//! `template.yaml` is held against what is promised of it; see the tests.
