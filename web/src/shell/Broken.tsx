// Instead of a view that could not be shown.

import { useRouteError } from "react-router";
import { Button, Empty } from "../ui/basics";

/** Parts of the page are loaded when they are first shown; a daemon of another version has others. */
const UNLOADED = /dynamically imported module|importing a module|preload/i;

export function Broken() {
  const error = useRouteError();
  const said = error instanceof Error ? error.message : String(error);
  const title = UNLOADED.test(said) ? "A part of the page could not be loaded" : "This cannot be shown";
  return (
    <div role="alert" className="flex flex-col items-center">
      <Empty title={<h1>{title}</h1>}>
        {UNLOADED.test(said) ? (
          "Perhaps the daemon is of another version by now, which has other parts."
        ) : (
          <code className="told font-mono text-xs">{said}</code>
        )}
      </Empty>
      <Button look="strong" onClick={() => location.reload()}>
        Load the page again
      </Button>
    </div>
  );
}
