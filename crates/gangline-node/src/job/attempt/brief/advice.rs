//! What follows from the class of a failure, where its report is not at hand to say more.

use gangline_domain::failure::FailureClass;
use gangline_domain::ticket::TryRecord;

/// In the imperative; none where nothing is the agent's to mend.
pub(super) fn advice(record: &TryRecord) -> Vec<String> {
    let text = match record.class() {
        FailureClass::Compile => "Let it compile first: build it yourself after each change.",
        FailureClass::Type => "Run the type checker yourself, and mend the cause, not the symptom.",
        FailureClass::Test => {
            "Run the failing tests yourself, one at a time, and understand each before you change \
             anything. Do not weaken or remove tests."
        }
        FailureClass::Lint => "Run the linter yourself; silence no rule.",
        FailureClass::Command | FailureClass::Unknown => {
            "Run the failed checks yourself, and end only when they pass."
        }
        FailureClass::Setup => "Let the project's setup work from a fresh checkout.",
        FailureClass::NoCommit => {
            "Commit your work with `git commit` on the branch of this brief before you end: only \
             commits count."
        }
        FailureClass::WrongCommits => {
            "Commit on the branch of this brief, on top of its base, and leave it checked out."
        }
        FailureClass::FalseClaim => "Claim only files that your commits change.",
        FailureClass::Uncommitted => "Commit, ignore or remove every file before you end.",
        FailureClass::Scope => "Change only the paths that this brief names.",
        FailureClass::Protected => {
            "Take back what is protected; where the ticket cannot be done without, end with \
             `gave_up` and say so: a person may permit it."
        }
        FailureClass::TestsWeakened => {
            "Let the tests prove at least what they proved, and leave alone how they are run."
        }
        FailureClass::Secrets => {
            "Let no commit of the branch hold a secret, not only the last one."
        }
        FailureClass::ConflictMarkers => "Resolve the conflicts, and remove their markers.",
        FailureClass::Deliverable => "Leave what is asked for in the output folder, in its format.",
        FailureClass::GaveUp => {
            "Try another approach; if a person must decide something, say what."
        }
        FailureClass::Timeout => "Commit early, and do the essential part first.",
        FailureClass::Crash => "Work in small steps, and commit after each.",
        FailureClass::Conflict => "Keep both intentions: yours, and that of what landed meanwhile.",
        FailureClass::RedOnMerged => "Make the checks pass together with what landed meanwhile.",
        FailureClass::Review => {
            "Mend what the reviewer found, all of it, or say in your summary why it is right as it is."
        }
        FailureClass::Rejected => "Do what the reviewer asks for.",
        FailureClass::NotMeasured | FailureClass::AgentBroken | FailureClass::Machine => {
            return vec![];
        }
    };
    vec![text.to_owned()]
}
