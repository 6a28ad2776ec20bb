//! Checks `template.yaml`; see the tests.
