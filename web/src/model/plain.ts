// Text from agents and repositories, as `gangline_api::plain` makes it safe for every surface: of what
// agents say, escape sequences are taken out whole; of what they wrote, nothing is, and every
// character shows.

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ESCAPES =
  /\u001b\[[\u0020-\u003f]*[\u0040-\u007e]?|\u009b[\u0020-\u003f]*[\u0040-\u007e]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])(?:[^\n\u0007\u009c\u001b]*(?:\u0007|\u009c|\u001b\\))?|\u001b[\u0020-\u002f]+.?|\u001b.?/gu;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;
const ALL_CONTROLS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\u200b\ufeff\u{e0000}-\u{e007f}]/gu;
const DECEIVING = /[\u200e\u200f\u2028-\u202e\u2066-\u2069\u200b\ufeff\u{e0000}-\u{e007f}]/gu;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: the end of that

const named = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** All lines of what somebody said. */
export function plainBlock(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "").replace(DECEIVING, named);
}

/** One line of it: line breaks become blanks. */
export function plain(text: string): string {
  return plainBlock(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .join(" ");
}

/** What is read to be judged: every character shows. */
export function verbatim(text: string): string {
  return text.replace(ALL_CONTROLS, named);
}
