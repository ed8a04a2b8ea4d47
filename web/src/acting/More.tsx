// What can be done beside what stands there: a menu, which is loaded behind the page.

import { DropdownMenu } from "radix-ui";
import { ACTS, type Act, type Offer } from "../model/acts";
import { Key } from "../ui/basics";
import { MoreButton } from "./MoreButton";

interface MoreProps {
  offers: Offer[];
  onAsk(act: Act): void;
  whyNot(act: Act): string | null;
}

export function More({ offers, onAsk, whyNot }: MoreProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <MoreButton />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-64 rounded-lg border border-line bg-raised p-1 shadow-lift"
        >
          {offers.map(({ act, what }) => (
            <DropdownMenu.Item
              key={act}
              onSelect={() => onAsk(act)}
              disabled={whyNot(act) !== null}
              className={`flex cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5 text-sm outline-none data-disabled:cursor-not-allowed data-disabled:opacity-50 data-highlighted:bg-hover ${ACTS[act].tone === "bad" ? "text-bad" : ""}`}
            >
              <span className="flex-1">
                {ACTS[act].label}
                <span className="block max-w-72 text-xs text-ink-3">{whyNot(act) ?? what}</span>
              </span>
              <Key>{ACTS[act].key}</Key>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
