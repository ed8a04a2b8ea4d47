//! Steps that may be written short: `commit: text` for `commit: { message: text }`.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What may stand in place of a step's fields.
pub(super) enum Shorthand {
    /// A single value.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// Reads `T` in either form. Done by hand because an untagged enum would lose the place of an
/// error.
pub(super) fn short<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + TryFrom<Shorthand, Error = &'static str>,
{
    from.deserialize_any(Either(PhantomData))
}

struct Either<T>(PhantomData<T>);

impl<'de, T> Visitor<'de> for Either<T>
where
    T: Deserialize<'de> + TryFrom<Shorthand, Error = &'static str>,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the step's short form, or its fields")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let short = Shorthand::Text(text.to_owned());
        T::try_from(short).map_err(|wanted| E::custom(format!("expected {wanted}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        let list = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        let short = Shorthand::List(list);
        T::try_from(short).map_err(|wanted| A::Error::custom(format!("expected {wanted}")))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}
