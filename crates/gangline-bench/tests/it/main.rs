//! The built program from end to end, as a user runs it.

mod e2e;
mod e2e_budgets;
mod e2e_external;
mod e2e_external_ci;
mod e2e_hook;
mod e2e_keys;
mod e2e_mcp;
mod e2e_oidc;
mod e2e_openapi;
mod e2e_permissions;
mod e2e_review;
mod e2e_sessions;
mod world;
