//! TLS, by the roots that this system trusts.

use std::io;
use std::sync::{Arc, OnceLock};

use gangline_domain::network::Host;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Made when the first call needs it: reading the roots takes some milliseconds.
fn connector() -> io::Result<&'static TlsConnector> {
    static CONNECTOR: OnceLock<TlsConnector> = OnceLock::new();
    if let Some(connector) = CONNECTOR.get() {
        return Ok(connector);
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let message = "this system trusts no certificate (SSL_CERT_FILE names some)";
        return Err(io::Error::other(message));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(CONNECTOR.get_or_init(|| TlsConnector::from(Arc::new(config))))
}

/// Shakes hands with whoever is `host`, wherever the stream leads.
pub(super) async fn connect(host: &Host, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let name = match host {
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
        Host::Address(address) => ServerName::IpAddress((*address).into()),
    };
    connector()?.connect(name, stream).await
}
