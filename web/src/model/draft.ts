// What a person typed or pasted, as a ticket.

/** Title and text of a Markdown document: its first heading, or its first line. */
export function fromMarkdown(text: string): { title: string; body: string } {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const at = lines.findIndex((line) => line.trim() !== "");
  const title = (lines[at] ?? "").replace(/^#+\s*/, "").trim();
  return {
    title,
    body: lines
      .slice(at + 1)
      .join("\n")
      .trim(),
  };
}

/** Words between commas or blanks. */
export const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
