//! Which addresses may be told: public ones behind TLS, and those of this machine and its private
//! networks where the configuration says so.

use std::io;
use std::net::{IpAddr, SocketAddr};

use gangline_domain::network::{HttpAddress, is_public};

use super::post::NotTaken;
use crate::outward;

/// The addresses that may be connected to, as they were looked at: nothing resolves the name again.
pub(crate) async fn addresses(
    to: &HttpAddress,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, NotTaken> {
    let found = outward::resolved(&to.target).await.map_err(NotTaken::Unresolved)?;
    let port = to.target.port;
    let fit = |ip: &&IpAddr| may(**ip, to.tls, allow_private);
    let fitting: Vec<SocketAddr> =
        found.iter().filter(fit).map(|ip| SocketAddr::new(*ip, port)).collect();
    match (fitting.is_empty(), found.first()) {
        (false, _) => Ok(fitting),
        (true, Some(ip)) => Err(NotTaken::OutOfReach { ip: *ip, tls: to.tls }),
        (true, None) => Err(NotTaken::Unresolved(io::Error::other("the name has no address"))),
    }
}

/// Whether this address may be connected to, with TLS or without.
fn may(ip: IpAddr, tls: bool, allow_private: bool) -> bool {
    match is_public(ip) {
        true => tls,
        false => allow_private && is_near(ip),
    }
}

/// This machine and private networks. What is link-local stays out: clouds keep there what tells a
/// machine's own keys.
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            ip.is_loopback() || ip.is_private() || is_shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use gangline_domain::network::Target;

    use super::*;

    #[test]
    fn only_public_addresses_are_reached_unless_private_ones_are_wanted() {
        for (ip, public, near) in [
            ("8.8.8.8", true, false),
            ("2606:4700::1111", true, false),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("10.1.2.3", false, true),
            ("172.16.0.1", false, true),
            ("192.168.1.1", false, true),
            ("100.64.0.1", false, true),
            ("fd00::1", false, true),
            ("169.254.169.254", false, false),
            ("fe80::1", false, false),
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("224.0.0.1", false, false),
            ("ff02::1", false, false),
            ("255.255.255.255", false, false),
            ("::ffff:127.0.0.1", false, true),
            ("::ffff:169.254.169.254", false, false),
            ("64:ff9b::7f00:1", false, false),
            ("2002:7f00:1::", false, false),
        ] {
            let address = ip.parse::<IpAddr>().unwrap().to_canonical();
            assert_eq!(may(address, true, false), public, "{ip} with TLS");
            assert!(!may(address, false, false), "{ip} without TLS");
            assert_eq!(may(address, true, true), public || near, "{ip} with TLS, private");
            assert_eq!(may(address, false, true), near, "{ip} without TLS, private");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_leads_to() {
        let to = |host: &str| HttpAddress {
            tls: true,
            target: Target::with_default(host, 443).unwrap(),
            path: "/".to_owned(),
        };
        for host in ["localhost", "127.0.0.1", "[::ffff:10.0.0.1]", "[::1]:9"] {
            let refused = addresses(&to(host), false).await.unwrap_err();
            assert!(matches!(refused, NotTaken::OutOfReach { .. }), "{host}: {refused}");
            let reached = addresses(&to(host), true).await.unwrap();
            assert!(!reached.is_empty(), "{host}");
        }
    }
}
