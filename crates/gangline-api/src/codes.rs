//! The stable codes of errors. Clients branch on these; people read the page of each under
//! `docs/errors/`.

/// Declares the codes, one a line, each with its HTTP status.
macro_rules! codes {
    ($($code:ident = $status:literal,)+) => {
        /// Every code with its HTTP status, in alphabetical order.
        pub const ALL: &[(&str, u16)] = &[$((stringify!($code), $status)),+];

        $(
            #[doc = concat!("`", stringify!($code), "`, sent with HTTP status ", stringify!($status), ".")]
            #[expect(non_upper_case_globals, reason = "a code is written as it goes over the wire")]
            pub const $code: &str = stringify!($code);
        )+
    };
}

codes! {
    bad_name = 422,
    bad_policy = 422,
    bad_request = 400,
    bad_signature = 401,
    bad_text = 422,
    bad_ticket = 422,
    body_too_large = 413,
    cancelled_dependency = 422,
    circuit_not_open = 409,
    dependency_cycle = 422,
    detached_head = 422,
    disk_full = 507,
    duplicate_key = 409,
    forbidden = 403,
    host_not_allowed = 403,
    idempotency_key_reused = 422,
    internal = 500,
    is_landing = 409,
    issuer_unavailable = 503,
    method_not_allowed = 405,
    missing_branch = 422,
    no_commits = 422,
    no_http = 409,
    no_policy = 422,
    no_role = 403,
    no_such_external = 404,
    no_such_intake = 404,
    no_such_journal = 404,
    no_such_lesson = 404,
    no_such_node = 404,
    no_such_project = 404,
    no_such_question = 404,
    no_such_route = 404,
    no_such_schedule = 404,
    no_such_subscription = 404,
    no_such_ticket = 404,
    no_such_token = 404,
    no_such_webhook = 404,
    no_such_worker = 404,
    not_a_plan = 422,
    not_a_repository = 422,
    not_assigned = 409,
    not_external = 422,
    not_ready = 503,
    nothing_to_recheck = 409,
    nothing_to_show = 409,
    nothing_to_take_over = 409,
    origin_not_allowed = 403,
    project_in_use = 409,
    project_name_taken = 409,
    push_off = 409,
    schedule_busy = 409,
    shutting_down = 503,
    sign_in_failed = 401,
    stale_signature = 401,
    superseded = 409,
    ticket_closed = 409,
    token_expired = 422,
    too_many_requests = 429,
    too_many_streams = 429,
    too_many_subscriptions = 409,
    too_many_tokens = 409,
    unauthorized = 401,
    unavailable = 503,
    under_way = 409,
    unknown_agent = 422,
    unknown_dependency = 422,
    wrong_state = 409,
}

/// The HTTP status of a code; 500 for one that is not declared.
pub fn status_of(code: &str) -> u16 {
    ALL.iter().find(|(name, _)| *name == code).map_or(500, |(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn an_undeclared_code_is_our_own_failure() {
        assert_eq!((status_of(no_such_ticket), status_of("made_up")), (404, 500));
    }
}
