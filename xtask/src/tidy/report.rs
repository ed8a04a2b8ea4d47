//! Runs every rule and says what it found.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};

use super::source::Sources;
use super::tree::{Finding, Tree};
use super::{
    codes, contents, doors, edges, forgotten, links, lockfile, migrations, ratchet, words,
};

/// Checks every house rule on the tree at `root`.
pub(crate) fn report(root: &Path) -> Result<()> {
    let begun = Instant::now();
    let tree = Tree::read(root)?;
    let findings = findings(&tree);
    let looked_at = format!("{} files in {:.1} s", tree.files.len(), begun.elapsed().as_secs_f64());
    conclude("tidy", &findings, &looked_at)
}

/// Checks that the relative links of all documents lead somewhere.
pub(crate) fn report_links(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let documents = tree.files.iter().filter(|file| file.is("md")).count();
    conclude("docs", &links::findings(&tree), &format!("{documents} documents"))
}

fn findings(tree: &Tree) -> Vec<Finding> {
    let sources = Sources::read(tree);
    let mut found = sources.findings.clone();
    found.extend(edges::findings(tree));
    found.extend(doors::findings(&sources));
    found.extend(ratchet::findings(tree, &sources));
    found.extend(words::findings(tree));
    found.extend(forgotten::findings(&sources));
    found.extend(contents::findings(&sources));
    found.extend(codes::findings(tree));
    found.extend(migrations::findings(tree));
    found.extend(lockfile::findings(tree));
    found.sort();
    found
}

fn conclude(rule: &str, findings: &[Finding], looked_at: &str) -> Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{rule}: {} findings in {looked_at}", findings.len());
    }
    println!("{rule}: clean, {looked_at}");
    Ok(())
}
