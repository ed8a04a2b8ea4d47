import { useState } from "react";
import { Button } from "./basics";

/** A text that is put somewhere else: all of it at a click, or by hand where the browser does not let it. */
export function Copied({ text }: { text: string }) {
  const [done, setDone] = useState<boolean | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      setDone(false);
    }
    setTimeout(() => setDone(null), 2_000);
  };
  return (
    <figure className="relative">
      <pre
        tabIndex={0}
        className="max-h-80 overflow-auto pointer-coarse:min-h-13 rounded-md border border-line bg-sunken px-3.5 py-2.5 pr-24 font-mono text-xs leading-5 whitespace-pre-wrap select-all"
      >
        {text}
      </pre>
      <Button onClick={() => void copy()} className="absolute top-1.5 right-1.5">
        {done === null ? "Copy" : done ? "Copied" : "Copy it by hand"}
      </Button>
    </figure>
  );
}
