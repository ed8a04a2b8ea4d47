//! What is searched for.

use super::{Client, ClientError, address};
use crate::search::{Found, SearchQuery};

impl Client {
    /// Tickets that have all the words, and lessons that have any of them.
    pub async fn search(&self, query: &SearchQuery) -> Result<Found, ClientError> {
        self.get(&format!("/search{}", address::query(query)), 0).await
    }
}
