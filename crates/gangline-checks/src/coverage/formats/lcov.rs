//! lcov: `SF:` begins a file, `DA:line,count` tells of a line.

use super::{Telling, ran};

pub(super) fn read(bytes: &[u8], telling: &mut Telling<'_, '_>) -> Result<(), String> {
    let mut file = None;
    let mut inside = false;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let Ok(line) = std::str::from_utf8(line.trim_ascii_end()) else { continue };
        if let Some(path) = line.strip_prefix("SF:") {
            file = telling.file(path, |places| places.find(path))?;
            inside = true;
        } else if let Some(told) = line.strip_prefix("DA:") {
            let mut parts = told.split(',');
            let line = parts.next().and_then(|line| line.parse().ok());
            let (Some(line), Some(ran)) = (line, parts.next().and_then(ran)) else {
                return Err(format!("line {} is no lcov", number + 1));
            };
            telling.say(file, line, ran);
        } else if line == "end_of_record" {
            (file, inside) = (None, false);
        }
    }
    if inside { Err("it ends before its end".to_owned()) } else { Ok(()) }
}
