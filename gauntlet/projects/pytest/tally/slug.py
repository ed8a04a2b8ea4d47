"""Names of files."""

import re


def slug(title):
    """`spring-sale-2024` of `Spring Sale 2024!`."""
    return "-".join(re.findall(r"[^\W_]+", title)).lower()
