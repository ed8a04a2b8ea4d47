//! Amounts, totals and names of invoices.

pub mod money;
pub mod slug;
pub mod total;
