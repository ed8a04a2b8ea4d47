//! Names of files.

/// `spring-sale-2024` of `Spring Sale 2024!`.
pub fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn words_are_joined_by_dashes() {
        assert_eq!(slug("Spring Sale 2024!"), "spring-sale-2024");
    }

    #[test]
    fn no_dash_stands_at_an_end() {
        assert_eq!(slug("  (draft) "), "draft");
    }
}
