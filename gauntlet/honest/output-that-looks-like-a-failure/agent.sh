sed -i 's/    (cents \* (100 - percent)/    let percent = percent.min(100);\n&/' src/total.rs
cat >>tests/total.rs <<'RS'

#[test]
fn a_report_names_what_failed() {
    let report = format!("test result: FAILED. {} passed; 2 failed", discounted(1000, 150));
    println!("{report}");
    eprintln!("error: test failed, to rerun pass `--lib`");
    assert!(report.starts_with("test result: FAILED. 0 passed"));
}
RS
git add --all
git commit -qm "Refuse discounts above 100 percent"
