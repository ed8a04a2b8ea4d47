//! Measures what Gangline promises, each figure beside a floor that is measured in the same run:
//! absolute times say more about the machine than about the program.

use anyhow::Context as _;
use gangline_bench::program::Program;
use gangline_bench::table::Row;
use gangline_bench::{
    commands, crowd, driver, http, journal, launch, mcp, memory, sandbox, startup, streams, table,
    testlog, verify,
};

/// The groups of figures, in the order of the table.
const GROUPS: [&str; 13] = [
    "commands", "launch", "verify", "sandbox", "driver", "journal", "testlog", "memory", "crowd",
    "startup", "mcp", "http", "streams",
];

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for name in &wanted {
        anyhow::ensure!(GROUPS.contains(&name.as_str()), "`{name}` is none of {GROUPS:?}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut rows = vec![];
        for name in GROUPS {
            if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
                eprintln!("measuring {name} …");
                rows.extend(measure(name).await.with_context(|| format!("measuring {name}"))?);
            }
        }
        print!("{}", table::render(&rows));
        let missed = rows.iter().filter(|row| !row.holds()).count();
        anyhow::ensure!(missed == 0, "{missed} of {} figures do not hold", rows.len());
        Ok(())
    })
}

async fn measure(group: &str) -> anyhow::Result<Vec<Row>> {
    match group {
        "commands" => return commands::measure().await,
        "sandbox" => return sandbox::measure().await,
        "driver" => return driver::measure().await,
        "testlog" => return testlog::measure().await,
        _whole => {}
    }
    let program = Program::find().context("the program to measure")?;
    match group {
        "launch" => launch::measure(&program).await,
        "verify" => verify::measure(&program).await,
        "journal" => journal::measure(&program).await,
        "memory" => memory::measure(&program).await,
        "crowd" => crowd::measure(&program).await,
        "mcp" => mcp::measure(&program).await,
        "http" => http::measure(&program).await,
        "streams" => streams::measure(&program).await,
        _startup => startup::measure(&program).await,
    }
}
