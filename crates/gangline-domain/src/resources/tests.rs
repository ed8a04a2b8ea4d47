use super::*;

#[test]
fn sizes_are_read_and_written_alike() {
    for (text, bytes, shown) in [
        ("512MiB", 512 << 20, "512MiB"),
        ("8 GiB", 8 << 30, "8GiB"),
        ("20GB", 20_000_000_000, "20000MB"),
        ("1_048_576B", 1 << 20, "1MiB"),
        ("1500000B", 1_500_000, "1500000B"),
    ] {
        let size: ByteSize = text.parse().unwrap();
        assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, shown));
        let again: ByteSize = size.to_string().parse().unwrap();
        assert_eq!(again, size);
    }
}

#[test]
fn what_is_no_size_is_refused_with_the_reason() {
    for (text, why) in [
        ("8", "it has no unit"),
        ("GiB", "what stands before the unit is not a whole number"),
        ("-1GiB", "what stands before the unit is not a whole number"),
        ("1.5GiB", "what stands before the unit is not a whole number"),
        ("1023KiB", "it is less than 1MiB"),
        ("99999999999TiB", "it is too large"),
    ] {
        let error = text.parse::<ByteSize>().unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn bounds_that_are_not_given_come_from_elsewhere() {
    let given = Resources { memory: Some(ByteSize::mib(64)), ..Resources::default() };
    let rest = Resources {
        memory: Some(ByteSize::mib(1)),
        processes: NonZeroU32::new(9),
        ..Resources::default()
    };
    let both = given.or(rest);
    assert_eq!(both.memory, Some(ByteSize::mib(64)));
    assert_eq!(both.processes, NonZeroU32::new(9));
    assert_eq!(both.disk, None);
}

#[test]
fn bounds_survive_json_and_unknown_ones_are_refused() {
    let json = r#"{"memory":"4GiB","processes":100,"cpu_seconds":60}"#;
    let read: Resources = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert!(serde_json::from_str::<Resources>(r#"{"processes":0}"#).is_err());
    assert!(serde_json::from_str::<Resources>(r#"{"procs":1}"#).is_err());
}
