//! The address that the daemon answers HTTP at.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use gangline_policy::{Http, LISTEN_DEFAULT, Listen, MachineConfig, SeedAuth, WebhookReach};
use gangline_server::{Guests, Webhooks, WorkersAuth};
use tokio::net::TcpListener;

use crate::exit::Exit;
use crate::failure::Failure;

/// Overrides `listen` of the machine's configuration for one daemon.
pub(crate) const LISTEN_VARIABLE: &str = "GANGLINE_LISTEN";

/// Listens where the environment says, or else the configuration. Where neither does and another
/// program has the usual address, the daemon does without: its socket is enough for this machine.
pub(super) async fn listen(http: &Http) -> Result<Option<(TcpListener, SocketAddr)>, Failure> {
    match wanted(http)? {
        Listen::Off => Ok(None),
        Listen::At(address) => match bound(address).await {
            Ok(bound) => Ok(Some(bound)),
            Err(error) => {
                let message = format!("{address} cannot be listened at: {error}");
                Err(Failure::new(Exit::Failed, message)
                    .code("address_in_use")
                    .next("choose another `listen` under [http] in config.toml, or \"off\"")
                    .next(format!("{LISTEN_VARIABLE}=off gangline up")))
            }
        },
        Listen::Auto => {
            let address = LISTEN_DEFAULT.parse().expect("BUG: the default is an address");
            match bound(address).await {
                Ok(bound) => Ok(Some(bound)),
                Err(error) => {
                    tracing::warn!(%error, %address, "not listening: another program does there");
                    Ok(None)
                }
            }
        }
    }
}

/// Whether the environment decides, whatever the configuration says.
pub(super) fn is_overridden() -> bool {
    std::env::var_os(LISTEN_VARIABLE).is_some()
}

/// What the environment says, or else the configuration.
pub(super) fn wanted(http: &Http) -> Result<Listen, Failure> {
    match std::env::var(LISTEN_VARIABLE) {
        Ok(text) => Listen::parse(&text).map_err(|why| {
            Failure::new(Exit::Failed, format!("{LISTEN_VARIABLE}: {why}")).code("bad_config")
        }),
        Err(_) => Ok(http.listen),
    }
}

async fn bound(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// How far the webhooks of external sessions may reach, in the server's words.
pub(super) fn reach(configured: WebhookReach) -> Webhooks {
    match configured {
        WebhookReach::None => Webhooks::None,
        WebhookReach::Loopback => Webhooks::Loopback,
        WebhookReach::Private => Webhooks::Private,
    }
}

/// Whom the configuration lets in beside this machine's own names.
pub(super) fn guests(machine: &MachineConfig) -> Guests {
    let http = &machine.http;
    Guests {
        hosts: http.hosts.iter().map(|host| host.0.clone()).collect(),
        origins: http.origins.iter().map(|origin| origin.0.clone()).collect(),
        workers: match machine.seed_api.auth {
            SeedAuth::None => WorkersAuth::None,
            SeedAuth::ApiKey => WorkersAuth::ApiKey,
            SeedAuth::Jwt => WorkersAuth::Jwt,
        },
        requests_per_minute: NonZeroU32::new(http.requests_per_minute),
        spawns_per_minute: NonZeroU32::new(machine.seed_api.spawns_per_minute),
    }
}
