import { ACTS } from "../model/acts";
import { Key } from "../ui/basics";
import { Dialog } from "../ui/Dialog";
import { PLACES } from "./paths";

const ROWS: [string, string][] = [
  ["Ctrl K", "find a ticket, or do something"],
  ["+", "a new ticket"],
  ["P", "ask for a plan"],
  ["j k", "go down and up in a list"],
  ["Enter", "open what is chosen"],
  ["/", "filter"],
  ["Esc", "back"],
  ...PLACES.map((place): [string, string] => [`g ${place.key}`, place.title]),
];

export function KeysHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Keys"
      about="They are those of gangline top, wherever there are any."
    >
      <div className="grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
        {[...ROWS, ...Object.values(ACTS).map((act): [string, string] => [act.key, act.help])].map(
          ([key, what]) => (
            <p key={`${key} ${what}`} className="flex items-center gap-3 text-sm">
              <span className="flex w-14 shrink-0 gap-1">
                {key.split(" ").map((each) => (
                  <Key key={each}>{each}</Key>
                ))}
              </span>
              {what}
            </p>
          ),
        )}
      </div>
    </Dialog>
  );
}
