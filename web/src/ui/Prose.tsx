// Markdown of people and agents. It is data: no HTML, no pictures, and links show where they lead.

import Markdown from "react-markdown";
import { plainBlock } from "../model/plain";

export function Prose({ text }: { text: string }) {
  return (
    <div className="prose-calm">
      <Markdown
        skipHtml={false}
        disallowedElements={["img"]}
        unwrapDisallowed
        components={{
          // The page has a heading of its own.
          h1: "h3",
          h2: "h4",
          h3: "h5",
          // What scrolls must be reachable by key.
          pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer noopener" title={href}>
              {children}
            </a>
          ),
        }}
      >
        {plainBlock(text)}
      </Markdown>
    </div>
  );
}
