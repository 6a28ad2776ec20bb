//! Third-party registries and clients against `feedctl` and the fake Octopus Server; see the tests.
