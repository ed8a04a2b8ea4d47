//! A scripted stand-in for a model's provider. Prints its port as the first line, then serves
//! until it is ended. See `gangline_agents::stub`.

use std::io::Write;
use std::process::ExitCode;

use gangline_agents::stub::ModelStub;

fn main() -> ExitCode {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse());
    let Ok(port) = port else {
        eprintln!("usage: gangline-model-stub [PORT]");
        return ExitCode::from(2);
    };
    let served =
        tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
            runtime.block_on(async {
                let stub = ModelStub::listen(port).await?;
                let mut out = std::io::stdout();
                writeln!(out, "{}", stub.port())?;
                out.flush()?;
                stub.serve().await;
                Ok(())
            })
        });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gangline-model-stub: {error}");
            ExitCode::FAILURE
        }
    }
}
