//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

fn check(path: &str, text: &str, expected: &[&str]) {
    let glossary = "**ticket**: a unit of work.\nnot: odd piece, knick\n\n**board**: state.\n";
    let specimen = Specimen::new().file("docs/glossary.md", glossary).file(path, text);
    assert_eq!(shown(&findings(&specimen.tree())), expected, "{text}");
}

#[test]
fn a_synonym_is_found_in_identifiers_comments_and_documents() {
    let item = "[words] `odd piece` is not a word of ours: say ticket";
    check(
        "crates/a/src/lib.rs",
        "struct OddPiece;\n// Every odd-piece.\nfn odd_pieces() {}\nlet oddpiece = 1;\n",
        &[1, 2, 3, 4]
            .map(|line| format!("crates/a/src/lib.rs:{line}: {item}"))
            .each_ref()
            .map(String::as_str),
    );
    check(
        "README.md",
        "Knicks wait.",
        &["README.md:1: [words] `knick` is not a word of ours: say ticket"],
    );
}

#[test]
fn words_that_only_contain_or_neighbour_a_synonym_are_left_alone() {
    check("README.md", "How odd. Piece one: knickers; they are odd, piece by piece.", &[]);
    check("docs/glossary.md", "**ticket**: no knick.\nnot: knick\n", &[]);
}

#[test]
fn a_module_name_that_attracts_everything_is_found() {
    let message = "attracts everything: name what it is for";
    check(
        "crates/a/src/git_utils.rs",
        "pub mod helpers {\n}\nmod world {}\n",
        &[
            &format!("crates/a/src/git_utils.rs: [words] a module called `git_utils` {message}"),
            &format!("crates/a/src/git_utils.rs:1: [words] a module called `helpers` {message}"),
        ],
    );
}

#[test]
fn a_path_of_one_machine_is_found() {
    let home = ["", "root", "project"].join("/");
    check(
        "notes.txt",
        &format!("see {home}\nsee the/{home}\n"),
        &[&format!("notes.txt:1: [words] `/{}/` is a path of one machine", "root")],
    );
}

#[test]
fn a_missing_glossary_is_found() {
    let found = findings(&Specimen::new().tree());
    assert_eq!(shown(&found), ["docs/glossary.md: [words] the glossary is missing"]);
}
