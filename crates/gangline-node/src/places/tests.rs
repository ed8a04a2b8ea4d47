use super::*;

fn places() -> Places {
    Places { state: "/s".into(), runtime: "/r".into() }
}

#[test]
fn every_run_has_a_folder_a_socket_and_a_marker_of_its_own() {
    let job: JobId = "shop.APP-12.a1".parse().unwrap();
    let (first, second) = (Fence { epoch: 1, n: 2 }, Fence { epoch: 1, n: 3 });
    let [one, other] = [first, second].map(|fence| places().job(&job, fence));
    let rescue = places().rescue(&job, first);
    assert_eq!(one.dir(), Path::new("/s/jobs/shop.APP-12.a1/1-2"));
    assert_eq!(rescue.dir(), Path::new("/s/rescues/shop.APP-12.a1/1-2"));
    assert_eq!(one.socket().as_os_str().len(), "/r/j/0123456789abcdef.sock".len());
    assert_ne!(one.socket(), other.socket());
    assert_ne!(one.socket(), rescue.socket());
    assert_ne!(one.marker(), other.marker());
    assert!(one.marker().as_str().ends_with(".APP-12.a1"), "{}", one.marker());
    let elsewhere = Places { state: "/t".into(), ..places() }.job(&job, first);
    assert_ne!(one.marker(), elsewhere.marker(), "two daemons must not sweep one another");
    assert_eq!(run_of_dir(one.dir()), Some((job, first)));
}

#[test]
fn the_longest_names_still_make_a_marker() {
    let project = "p".repeat(40);
    let key = format!("{}-{}", "K".repeat(16), "9".repeat(12));
    let job: JobId = format!("{project}.{key}.a{}", u32::MAX).parse().unwrap();
    let fence = Fence { epoch: u64::MAX, n: u64::MAX };
    assert!(places().job(&job, fence).marker().as_str().len() <= 128);
}

#[test]
fn a_runtime_directory_that_is_too_deep_for_sockets_is_refused() {
    let deep = Places { state: "/s".into(), runtime: format!("/{}", "d".repeat(90)).into() };
    assert!(deep.check_sockets().is_err());
    places().check_sockets().unwrap();
}
