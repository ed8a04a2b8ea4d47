// Whether what is shown is true at this moment.

import { useQuery } from "@tanstack/react-query";
import type { LiveState } from "../api";
import { useConnection } from "../data/connection";
import { live } from "../data/daemon";
import { waysQuery } from "../data/ways";
import { plain } from "../model/plain";
import { Age, Button } from "../ui/basics";

const WORDS: Record<LiveState["phase"], { word: string; dot: string; about: string }> = {
  connecting: { word: "connecting", dot: "bg-ink-3", about: "Looking for the daemon." },
  live: { word: "live", dot: "bg-good", about: "What happens is shown as it happens." },
  polling: { word: "live", dot: "bg-good", about: "What happens is shown as it happens, by long polls." },
  lost: { word: "away", dot: "bg-bad", about: "The daemon does not answer." },
  ended: { word: "logged out", dot: "bg-bad", about: "This session is over." },
};

export function ConnectionDot() {
  const { phase } = useConnection();
  const { word, dot, about } = WORDS[phase];
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-ink-3" title={about} data-phase={phase}>
      <span className={`size-1.5 rounded-full ${dot}`} aria-hidden="true" />
      {word}
    </span>
  );
}

/** Says since when nothing is heard; what was known stays on the page below. */
export function ConnectionBanner() {
  const { phase, since, why } = useConnection();
  if (phase !== "lost") return null;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-attention-soft px-4 py-2 text-sm text-attention md:px-6"
    >
      <span>
        The daemon has not answered for <Age us={since * 1_000} />. Below is what was last known.
      </span>
      <span className="text-xs opacity-90">{why}</span>
      <Button look="quiet" className="ml-auto h-7 text-attention" onClick={() => live.now()}>
        Look again
      </Button>
    </div>
  );
}

/** Instead of the page, where there is no session. */
export function LoggedOut() {
  const { data: ways } = useQuery(waysQuery);
  return (
    <main className="flex min-h-full items-center justify-center p-6">
      <div className="max-w-sm text-center">
        <img src="/icon.svg" alt="" className="mx-auto mb-5 size-12" />
        <h1 className="text-lg font-semibold">This browser is not let in</h1>
        {ways?.oidc && (
          <a
            href={ways.oidc.path}
            className="mt-4 inline-flex h-9 items-center rounded-md bg-accent px-4 text-sm font-medium text-accent-ink"
          >
            Sign in with {plain(ways.oidc.label)}
          </a>
        )}
        <p className="mt-2 text-ink-2">
          {ways?.oidc
            ? "Or a link lets it in, once:"
            : "Its session is not known, or is over. A link lets it in, once:"}
        </p>
        <pre className="mt-4 rounded-md border border-line bg-surface px-3 py-2 text-left font-mono text-sm">
          gangline dashboard
        </pre>
      </div>
    </main>
  );
}
