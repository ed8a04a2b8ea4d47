use super::*;

#[test]
fn no_name_breaks_out_of_its_line() {
    for (name, email) in [
        ("", "a@b"),
        ("a\n[core]\n\tfsmonitor = x", "a@b"),
        ("a", "<a@b>"),
        ("a", " "),
        ("a\0", "b"),
    ] {
        assert!(Identity::new(name, email).is_err(), "{name:?} {email:?}");
    }
    let identity = Identity::new(r#"Zoë "Z" \ #1; x"#, "z@localhost").unwrap();
    insta::assert_snapshot!(identity.config(), @r#"
    [user]
    	name = "Zoë \"Z\" \\ #1; x"
    	email = "z@localhost"
    "#);
}
