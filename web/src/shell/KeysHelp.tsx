// Which keys hold at this moment, and which ones do elsewhere.

import { type ReactNode, useState } from "react";
import { ACTS } from "../model/acts";
import { Heading, Key } from "../ui/basics";
import { Dialog } from "../ui/Dialog";
import { COMMAND, heeded } from "../ui/keys";

interface Row {
  keys: string[];
  says: string;
}

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "↵",
  Escape: "Esc",
};

const ALWAYS: Row[] = [
  { keys: [`${COMMAND} K`], says: "find a ticket, or do something" },
  { keys: [`${COMMAND} Enter`], says: "send what is written" },
];

export function KeysHelp({ onClose }: { onClose(): void }) {
  const [{ here, everywhere }] = useState(() => ({ here: heeded(false), everywhere: heeded(true) }));
  const leads = (row: Row) => row.keys.some((key) => key.startsWith("g "));
  const known = new Set(here.map(({ says }) => says));
  const elsewhere = Object.values(ACTS).filter(({ help }) => !known.has(help));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Keys"
      about="They are those of gangline top, wherever there are any."
      wide
    >
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        <div className="flex flex-col gap-6">
          {here.length > 0 && <Part title="Here" rows={here} />}
          <Part title="Everywhere" rows={[...ALWAYS, ...everywhere.filter((row) => !leads(row))]} />
        </div>
        <div className="flex flex-col gap-6">
          <Part title="Go to" rows={everywhere.filter(leads)} />
          <Part
            title="About a ticket, where it makes sense"
            rows={elsewhere.map(({ key, help }) => ({ keys: [key], says: help }))}
          />
        </div>
      </div>
    </Dialog>
  );
}

function Part({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <section aria-label={title}>
      <Heading>{title}</Heading>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3.5 gap-y-1.5">
        {rows.map(({ keys, says }) => (
          <Said key={`${keys.join()} ${says}`} keys={keys}>
            {says}
          </Said>
        ))}
      </dl>
    </section>
  );
}

function Said({ keys, children }: { keys: string[]; children: ReactNode }) {
  return (
    <>
      <dt className="flex min-w-14 gap-1 py-0.5">
        {keys.flatMap((key) =>
          key.split(" ").map((each) => (
            <Key key={`${key} ${each}`} asked>
              {NAMES[each] ?? each}
            </Key>
          )),
        )}
        <span className="sr-only">{keys.join(" or ")}</span>
      </dt>
      <dd>{children}</dd>
    </>
  );
}
