//! `[schedules.NAME]`: tickets that come again by the clock.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use gangline_domain::ids::{AgentName, Timestamp};
use gangline_domain::schedule::{ScheduleSettings, ScheduleText};
use gangline_domain::spec::{BODY_BYTES_MAX, Priority, TicketSpec};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, Zoned};
use serde::Deserialize;

/// Schedules that a project may have.
pub const SCHEDULES_MAX: usize = 64;
/// Bytes that a label may have.
const LABEL_BYTES_MAX: usize = 64;

/// `[schedules.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ScheduleFile")]
pub struct SchedulePolicy(ScheduleSettings);

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleFile {
    cron: CronText,
    #[serde(default)]
    timezone: Zone,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    ticket: Option<TicketPath>,
    #[serde(default)]
    agent: Option<AgentName>,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default = "yes")]
    enabled: bool,
}

/// Five fields that come to a time some day.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct CronText(String);

/// The name of a time zone that this machine knows.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Zone(String);

/// A file below the repository's root.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct TicketPath(String);

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Label(String);

fn yes() -> bool {
    true
}

impl Default for Zone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl TryFrom<String> for CronText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let help = "minute, hour, day of the month, month, day of the week, as in \"0 6 * * 1\"";
        let cron = parsed(&text).map_err(|why| format!("{why}\n{help}"))?;
        let somewhere = Moment::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        match cron.find_next_occurrence(&somewhere, true) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(format!("there is no such day\n{help}")),
        }
    }
}

impl TryFrom<String> for Zone {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        match zone(&name) {
            Some(_) => Ok(Self(name)),
            None => Err(format!(
                "`{}` is no time zone that this machine knows\nsuch as Europe/Berlin; UTC without \
                 the key",
                name.escape_debug()
            )),
        }
    }
}

impl TryFrom<String> for TicketPath {
    type Error = String;
    fn try_from(path: String) -> Result<Self, String> {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        let below = !path.is_empty() && Path::new(&path).components().all(plain);
        match below && !path.chars().any(char::is_control) {
            true => Ok(Self(path)),
            false => Err("it is the path of a file from the repository's root".to_owned()),
        }
    }
}

impl TryFrom<String> for Label {
    type Error = String;
    fn try_from(label: String) -> Result<Self, String> {
        let one_line = !label.chars().any(char::is_control);
        match !label.trim().is_empty() && label.len() <= LABEL_BYTES_MAX && one_line {
            true => Ok(Self(label)),
            false => Err(format!("a label is one line of 1 to {LABEL_BYTES_MAX} bytes")),
        }
    }
}

impl TryFrom<ScheduleFile> for SchedulePolicy {
    type Error = String;
    fn try_from(file: ScheduleFile) -> Result<Self, String> {
        let text = match (file.title, file.body, file.ticket) {
            (Some(title), body, None) => {
                let body = body.unwrap_or_default();
                let spec = TicketSpec { body: body.clone(), ..TicketSpec::titled(title.clone()) };
                spec.check().map_err(|error| error.to_string())?;
                ScheduleText::Written { title, body }
            }
            (None, None, Some(TicketPath(path))) => ScheduleText::File(path),
            (None, _, None) => {
                return Err(
                    "it says nothing\nwrite a title, or ticket = \"path/of/a.md\"".to_owned()
                );
            }
            (_, _, Some(_)) => {
                return Err(
                    "the ticket's file has its title and its body: leave them out".to_owned()
                );
            }
        };
        Ok(Self(ScheduleSettings {
            cron: file.cron.0,
            timezone: file.timezone.0,
            text,
            agent: file.agent,
            priority: file.priority,
            labels: file.labels.into_iter().map(|Label(label)| label).collect::<BTreeSet<_>>(),
            enabled: file.enabled,
        }))
    }
}

impl SchedulePolicy {
    /// As the scheduler knows it.
    pub fn settings(&self) -> ScheduleSettings {
        self.0.clone()
    }
}

fn parsed(cron: &str) -> Result<Cron, String> {
    if cron.contains('@') || cron.split_whitespace().count() != 5 {
        return Err(format!("`{}` has not five fields", cron.escape_debug()));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(cron).map_err(|error| error.to_string())
}

/// Only by its name: a schedule does not depend on where the daemon happens to run.
fn zone(name: &str) -> Option<TimeZone> {
    match name {
        "UTC" => Some(TimeZone::UTC),
        name => TimeZone::get(name).ok(),
    }
}

/// Due times of a schedule around a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// The last one up to the moment, the moment itself included.
    pub last: Option<Timestamp>,
    /// The first one behind it.
    pub next: Option<Timestamp>,
}

impl Times {
    /// When a schedule is due around `now`. What a machine without the time zone cannot tell is
    /// absent.
    pub fn around(schedule: &ScheduleSettings, now: Timestamp) -> Self {
        let zoned = zone(&schedule.timezone).zip(Moment::from_microsecond(now.0).ok());
        let (Some((zone, moment)), Ok(cron)) = (zoned, parsed(&schedule.cron)) else {
            return Self::default();
        };
        let now = moment.to_zoned(zone);
        let at = |found: Result<Zoned, _>| -> Option<Timestamp> {
            let found: Result<Zoned, croner::errors::CronError> = found;
            Some(Timestamp(found.ok()?.timestamp().as_microsecond()))
        };
        Self {
            last: at(cron.find_previous_occurrence(&now, true)),
            next: at(cron.find_next_occurrence(&now, false)),
        }
    }
}

/// Bytes that a schedule's file may have: what a body may, and a heading.
pub const SCHEDULE_FILE_BYTES_MAX: usize = BODY_BYTES_MAX + 1024;

#[cfg(test)]
mod tests;
