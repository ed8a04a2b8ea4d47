use serde_json::json;

use super::*;

#[test]
fn each_day_stands_over_the_sum_and_what_may_be_spent() {
    let spent =
        |tokens: u64| json!({"tokens": tokens, "cost_microusd": 1_250_000, "wall_ms": 92_000});
    let day =
        |day: i64, tokens: u64| json!({"day_us": day * 86_400_000_000, "usage": spent(tokens)});
    let project = json!({
        "name": "shop", "repo": "/src/shop", "target": "main", "key_prefix": "APP",
        "policy_sha256": "", "policy": "committed", "review": "none", "landing": "local",
        "paused": false, "tries": 3, "default_agent": "worker", "agents": [],
        "usage": spent(93_000), "day_budget": {"tokens": 500_000},
        "days": [day(20_777, 52_000), day(20_778, 41_000)],
    });
    let project: ProjectView = serde_json::from_value(project).unwrap();
    insta::assert_snapshot!(rendered(&project, Out::of_width(Some(100))).join("\n"), @"
    DAY         TOKENS  MONEY     AGENTS' TIME
    2026-11-20  52000   1.25 USD  1 min 32 s
    2026-11-21  41000   1.25 USD  1 min 32 s
    in all      93000   1.25 USD  1 min 32 s
    a day may   500000
    ");
}
