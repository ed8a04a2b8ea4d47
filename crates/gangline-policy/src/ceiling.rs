//! How much of the network a machine gives: `true`, `false` or a mode.

use std::fmt;

use gangline_domain::network::NetworkMode;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error, Visitor};

/// See the module. `true` is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ceiling(pub(crate) NetworkMode);

impl<'de> Deserialize<'de> for Ceiling {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Said;
        impl Visitor<'_> for Said {
            type Value = Ceiling;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, \"none\", \"proxy\" or \"open\"")
            }
            fn visit_bool<E: Error>(self, given: bool) -> Result<Ceiling, E> {
                Ok(Ceiling(if given { NetworkMode::Open } else { NetworkMode::None }))
            }
            fn visit_str<E: Error>(self, mode: &str) -> Result<Ceiling, E> {
                NetworkMode::deserialize(StrDeserializer::new(mode)).map(Ceiling)
            }
        }
        from.deserialize_any(Said)
    }
}
