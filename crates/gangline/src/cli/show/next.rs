//! What a person can type next, by what the ticket waits for.

use gangline_api::ticket::TicketDetail;

/// Commands, the likeliest first.
pub(super) fn commands(detail: &TicketDetail) -> Vec<String> {
    let key = &detail.ticket.key;
    let of = |commands: &[&str]| commands.iter().map(|c| c.replace("KEY", key)).collect();
    match detail.ticket.state.as_str() {
        "draft" => of(&["gangline start KEY", "gangline cancel KEY"]),
        "working" if !detail.questions.is_empty() => {
            of(&["gangline answer KEY \"…\"", "gangline logs -f KEY"])
        }
        "working" => of(&["gangline logs -f KEY", "gangline stop KEY"]),
        "review" => of(&["gangline approve KEY", "gangline reject KEY \"…\"", "gangline diff KEY"]),
        "held" if detail.taken_over => {
            of(&["gangline take-over KEY --done", "cd \"$(gangline open KEY)\""])
        }
        "held" => of(&["gangline resume KEY", "gangline cancel KEY"]),
        "parked" if !detail.questions.is_empty() => of(&["gangline answer KEY \"…\""]),
        "parked" | "backoff" => of(&["gangline resume KEY", "gangline hold KEY"]),
        "escalated" if permission(detail).is_some() => {
            let permit = permission(detail).into_iter();
            permit.chain(of(&["gangline recheck KEY"])).chain(escalated(detail)).collect()
        }
        "escalated" => escalated(detail),
        "landed" | "delivered" | "cancelled" => of(&["gangline worklog KEY", "gangline logs KEY"]),
        _under_way => of(&["gangline run KEY", "gangline hold KEY"]),
    }
}

/// The command that permits what the last report missed a permission for.
fn permission(detail: &TicketDetail) -> Option<String> {
    let failed = detail.report.iter().flat_map(|report| &report.checks);
    let mut paths: Vec<&str> = failed
        .filter(|check| check.required && check.verdict == "fail")
        .flat_map(|check| check.permit.iter().map(String::as_str))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let quoted: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
    (!paths.is_empty())
        .then(|| format!("gangline permit {} {}", detail.ticket.key, quoted.join(" ")))
}

/// As a shell reads it as one word.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

/// What the escalation itself suggests.
fn escalated(detail: &TicketDetail) -> Vec<String> {
    let key = &detail.ticket.key;
    let suggestions = detail.escalation.iter().flat_map(|escalation| &escalation.suggestions);
    let command = |suggestion: &String| match suggestion.as_str() {
        "more_context" => Some(format!("gangline retry {key} --hint \"…\"")),
        "take_over" => Some(format!("gangline take-over {key}")),
        "discard" => Some(format!("gangline cancel {key}")),
        "mend_machine" => Some(format!("gangline doctor && gangline retry {key}")),
        "simplify" => Some(format!("gangline add \"a smaller part of {key}\"")),
        _newer => None,
    };
    let mut commands: Vec<String> = suggestions.filter_map(command).collect();
    if commands.is_empty() {
        commands.push(format!("gangline retry {key} --hint \"…\""));
    }
    commands
}
