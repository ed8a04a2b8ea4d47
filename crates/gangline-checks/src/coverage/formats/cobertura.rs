//! Cobertura XML: sources, classes with a file each, and their lines. No document type is read and
//! no entity of its own expanded.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Telling, ran};

/// Folders that may be named.
const SOURCES_MAX: usize = 100;

pub(super) fn read(bytes: &[u8], telling: &mut Telling<'_, '_>) -> Result<(), String> {
    let mut xml = Reader::from_reader(bytes);
    let mut held = Vec::new();
    let mut sources: Vec<String> = vec![];
    let (mut file, mut in_source, mut depth) = (None, false, 0_usize);
    loop {
        held.clear();
        let event = xml.read_event_into(&mut held).map_err(|error| error.to_string())?;
        let opens = matches!(event, Event::Start(_));
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.local_name();
                if depth == 0 && name.as_ref() != "coverage" {
                    return Err("its root is not coverage".to_owned());
                }
                match name.as_ref() {
                    "source" => in_source = opens,
                    "class" => {
                        let given = attribute(&element, "filename")?;
                        let given = given.ok_or("a class without a file")?;
                        file =
                            telling.file(&given, |places| places.find_below(&sources, &given))?;
                    }
                    "line" => {
                        let line = attribute(&element, "number")?.and_then(|n| n.parse().ok());
                        let hits = attribute(&element, "hits")?;
                        let (Some(line), Some(ran)) = (line, hits.as_deref().and_then(ran)) else {
                            return Err("a line without its number or its hits".to_owned());
                        };
                        telling.say(file, line, ran);
                    }
                    _other => {}
                }
                depth += usize::from(opens);
            }
            Event::Text(text) if in_source && sources.len() < SOURCES_MAX => {
                sources.push(text.xml_content(XmlVersion::Implicit1_0).trim().to_owned());
            }
            Event::End(element) => {
                match element.local_name().as_ref() {
                    "source" => in_source = false,
                    "class" => file = None,
                    _other => {}
                }
                depth = depth.saturating_sub(1);
            }
            Event::Eof if depth > 0 => return Err("it ends before its end".to_owned()),
            Event::Eof => return Ok(()),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::DocType(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, key: &str) -> Result<Option<String>, String> {
    let found = element.try_get_attribute(key).map_err(|error| error.to_string())?;
    let Some(found) = found else { return Ok(None) };
    let text = found.normalized_value(XmlVersion::Implicit1_0);
    Ok(Some(text.map_err(|error| error.to_string())?.into_owned()))
}
