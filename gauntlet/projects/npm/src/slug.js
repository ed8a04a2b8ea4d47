'use strict';

/** `spring-sale-2024` of `Spring Sale 2024!`. */
function slug(title) {
  return title.split(/[^\p{L}\p{N}]+/u).filter(Boolean).join('-').toLowerCase();
}

module.exports = { slug };
