use super::*;

#[test]
fn periods_are_read_and_written_alike() {
    for (text, ms, shown) in [
        ("1s", 1_000, "1s"),
        ("90s", 90_000, "1m30s"),
        ("10m", 600_000, "10m"),
        ("1h30m", 5_400_000, "1h30m"),
        ("4h", 14_400_000, "4h"),
        ("1d2h3m4s", 93_784_000, "1d2h3m4s"),
        ("31d", 2_678_400_000, "31d"),
    ] {
        let period: Period = text.parse().unwrap();
        assert_eq!((period.ms(), period.to_string().as_str()), (ms, shown), "{text}");
        assert_eq!(period.to_string().parse(), Ok(period));
    }
}

#[test]
fn what_is_no_period_says_how_to_write_one() {
    let refused: Vec<String> = [
        "",
        "10",
        "m",
        "10 m",
        "ten minutes",
        "10min",
        "1m1h",
        "1m1m",
        "-5m",
        "1.5h",
        "0s",
        "32d",
        "99999999999999999999h",
        "10m\n",
        "10m5",
        "10мин",
    ]
    .iter()
    .map(|text| text.parse::<Period>().unwrap_err().to_string().replace('\n', " | "))
    .collect();
    insta::assert_snapshot!(refused.join("\n"), @r#"
    `` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `10` has no unit | write "10s", "10m" or "10h"
    `m` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `10 m` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `ten minutes` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `10min` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `1m1h` has its units out of order or twice | write it like "1h30m", largest first
    `1m1m` has its units out of order or twice | write it like "1h30m", largest first
    `-5m` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `1.5h` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `0s` is out of range | it is at least 1s and at most 31d
    `32d` is out of range | it is at least 1s and at most 31d
    `99999999999999999999h` is out of range | it is at least 1s and at most 31d
    `10m\n` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `10m5` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    `10мин` is not a period | write it like "90s", "10m", "4h" or "1h30m"
    "#);
}
