// Why the daemon does not follow its config.toml as it is now; nothing where it does.

import { moment } from "../../model/amount";
import { plainBlock } from "../../model/plain";
import { useStatus } from "../../shell/status";
import { Heading } from "../../ui/basics";
import { Copied } from "../../ui/Copied";

export function Configuration() {
  const { config } = useStatus();
  if (!config) return null;
  const { refused, restart, since_us } = config;
  if (!refused && restart.length === 0) return null;
  return (
    <section aria-label="Configuration" className="[&>div+div+div]:mt-3">
      <Heading>Configuration</Heading>
      {refused && (
        <div role="note" className="rounded-lg bg-bad-soft px-4 py-3">
          <p className="font-medium text-bad">config.toml has a mistake, and is not taken over</p>
          <pre className="told mt-2 font-mono text-xs leading-5">{plainBlock(refused.why).trimEnd()}</pre>
          <p className="mt-2 text-ink-2">
            It has been so since {moment(refused.at_us)}; what has been in force since {moment(since_us)}{" "}
            stays. Once the file is mended the daemon takes it over by itself.
          </p>
        </div>
      )}
      {restart.length > 0 && (
        <div role="note" className="rounded-lg bg-attention-soft px-4 py-3">
          <p>
            <span className="font-medium text-attention">Waits for the daemon's next start:</span>{" "}
            <code className="told font-mono text-xs">{restart.join(", ")}</code>
          </p>
          <p className="mt-1 mb-2 text-ink-2">Agents go on meanwhile.</p>
          <Copied text="gangline down && gangline up --detach" />
        </div>
      )}
    </section>
  );
}
