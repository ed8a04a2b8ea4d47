//! The command line of `gangline scripted-agent`.

use std::path::PathBuf;

/// What `--help` prints.
pub(super) const HELP: &str = "\
gangline scripted-agent: a deterministic agent that plays a script

usage: gangline scripted-agent --brief FILE [--script FILE | --inline TEXT]
                               [--session ID | --resume ID]
       gangline scripted-agent --acp [--script FILE | --inline TEXT]
       gangline scripted-agent --check FILE

  --brief FILE     the brief; a ```gangline-script block in it wins over the other scripts
  --script FILE    a script in YAML
  --inline TEXT    the script itself
  --session ID     the name of a new session
  --resume ID      go on with a session of the same HOME
  --acp            speak the Agent Client Protocol; the brief is the first prompt
  --check FILE     only say whether a script is well-formed
";

/// What it is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Help,
    Check(PathBuf),
    Orphan(String),
    Play(Play),
}

/// What to play.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Play {
    pub(super) brief: Option<PathBuf>,
    pub(super) script: Option<PathBuf>,
    pub(super) inline: Option<String>,
    pub(super) session: Option<String>,
    pub(super) resume: Option<String>,
    pub(super) acp: bool,
}

/// Reads the arguments, without the program's own name.
pub(super) fn read(args: &[String]) -> Result<Asked, String> {
    let mut play = Play::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--check" => return Ok(Asked::Check(value()?.into())),
            "--orphan" => return Ok(Asked::Orphan(value()?)),
            "--acp" => play.acp = true,
            "--brief" => play.brief = Some(value()?.into()),
            "--script" => play.script = Some(value()?.into()),
            "--inline" => play.inline = Some(value()?),
            "--session" => play.session = Some(session_name(value()?)?),
            "--resume" => play.resume = Some(session_name(value()?)?),
            _ => return Err(format!("argument {arg:?} is not known; see --help")),
        }
    }
    match play.brief {
        Some(_) => Ok(Asked::Play(play)),
        None if play.acp => Ok(Asked::Play(play)),
        None => Err("--brief is missing; see --help".to_owned()),
    }
}

/// A name that is a file's name too.
pub(super) fn session_name(name: String) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let fine = (1..=80).contains(&name.len()) && name.bytes().all(allowed);
    if fine && !name.starts_with('.') { Ok(name) } else { Err(format!("{name:?} is no session")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str]) -> Result<Asked, String> {
        read(&args.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_read_or_refused_in_words() {
        let expected =
            Play { brief: Some("b.md".into()), resume: Some("s-1".to_owned()), ..Play::default() };
        assert_eq!(check(&["--brief", "b.md", "--resume", "s-1"]), Ok(Asked::Play(expected)));
        assert_eq!(check(&["--check", "s.yaml"]), Ok(Asked::Check("s.yaml".into())));
        let refusals: Vec<String> = [
            &["--brief"][..],
            &[],
            &["--what"],
            &["--brief", "b", "--session", "../x"],
            &["--brief", "b", "--resume", ".x"],
        ]
        .iter()
        .map(|args| check(args).unwrap_err())
        .collect();
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        --brief needs a value
        --brief is missing; see --help
        argument "--what" is not known; see --help
        "../x" is no session
        ".x" is no session
        "#);
    }
}
