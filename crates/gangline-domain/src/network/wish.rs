//! Reading what is said about the network: `true`, `false`, a mode, or a table.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{HostRule, Network, NetworkMode};
use crate::resources::ByteSize;

/// Hosts of one list.
const ALLOW_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Table {
    mode: Option<NetworkMode>,
    needed: Option<bool>,
    allow: Vec<HostRule>,
    bytes: Option<ByteSize>,
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WishVisitor)
    }
}

struct WishVisitor;

impl<'de> Visitor<'de> for WishVisitor {
    type Value = Network;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, \"none\", \"proxy\", \"open\" or a table with mode and allow")
    }

    fn visit_bool<E: Error>(self, wanted: bool) -> Result<Network, E> {
        Ok(Network { needed: Some(wanted), ..Network::default() })
    }

    fn visit_str<E: Error>(self, mode: &str) -> Result<Network, E> {
        let mode = NetworkMode::deserialize(StrDeserializer::new(mode))?;
        Ok(Network { mode: Some(mode), ..Network::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Network, A::Error> {
        let Table { mode, needed, allow, bytes } =
            Table::deserialize(MapAccessDeserializer::new(map))?;
        if allow.len() > ALLOW_MAX {
            return Err(A::Error::custom(format!("more than {ALLOW_MAX} hosts")));
        }
        Ok(Network { mode, needed, allow, bytes })
    }
}
