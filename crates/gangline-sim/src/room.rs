//! What nodes have left of what their jobs use.

use gangline_domain::resources::ByteSize;
use gangline_domain::room::{Room, RoomKind};

use crate::rng::Rng;

/// Plenty of all.
pub(crate) fn plenty() -> [Room; 2] {
    [RoomKind::Disk, RoomKind::Memory].map(|kind| Room {
        kind,
        free_bytes: 64 << 20,
        total_bytes: 64 << 20,
        low: ByteSize::mib(8),
    })
}

/// Something else on the machine takes room, or makes it.
pub(crate) fn change(rooms: &mut [Room; 2], rng: &mut Rng) {
    let which = usize::try_from(rng.below(2)).expect("BUG: small");
    rooms[which].free_bytes = *rng.pick(&[2, 7, 8, 9, 10, 64]) << 20;
}
