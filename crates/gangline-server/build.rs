//! The dashboard is embedded when it was built before the program: `cargo xtask web`. Without it
//! the program is whole but for a page that says so.

fn main() {
    let dist = std::path::Path::new("../../web/dist");
    if let Err(error) = std::fs::create_dir_all(dist) {
        println!("cargo::warning=no folder for the dashboard: {error}");
    }
    println!("cargo::rerun-if-changed=../../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
}
