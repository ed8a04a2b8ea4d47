// A word to the agent, below what it does: it is told while it works, without being stopped.

import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "react-router";
import type { TicketDetail } from "../../api";
import { useWhyNot } from "../../data/me";
import { staleTicket } from "../../data/queries";
import { steered, tellFailure } from "../../data/wishes";
import { nameOf } from "../../model/needs";
import { Button, Forbidden, Key } from "../../ui/basics";
import { COMMAND } from "../../ui/keys";

/** What was written and not sent, by the ticket's name: who looks at the diff meanwhile finds it again. */
const unsent = new Map<string, string>();

/** Who will hear what is written. */
const HEARD = { agent: "It hears this while it works.", next: "It is kept for its next attempt." };
/** What became of what was sent. */
const TOLD = { agent: "The agent is told.", next: "No agent is at work: its next attempt is told." };

export function SteerBox({ detail }: { detail: TicketDetail }) {
  const { text, write, send, under, told } = useWord(detail);
  const forbidden = useWhyNot()("L1");
  const about = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const { hash, key } = useLocation();
  // Each time that somebody is led here.
  const led = hash === "#say" ? key : null;
  useEffect(() => {
    if (led) box.current?.focus();
  }, [led]);

  const typed = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      // Behind it the page's keys mean something again.
      event.stopPropagation();
      box.current?.blur();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  if (forbidden) return <Forbidden why={forbidden} className="border-t border-line px-4 py-2.5 md:px-8" />;
  return (
    <form
      aria-label="Say something to the agent"
      className="sticky bottom-0 z-10 shrink-0 border-t border-line bg-raised px-4 pt-2.5 pb-1.5 md:px-8"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="flex items-end gap-2">
        <textarea
          ref={box}
          rows={1}
          value={text}
          aria-label="What to say"
          aria-describedby={about}
          placeholder="Say something to the agent"
          onChange={(event) => write(event.target.value)}
          onKeyDown={typed}
          className="field-sizing-content max-h-40 min-h-8 flex-1 resize-none rounded-md border border-line bg-surface px-2.5 py-1.25 text-sm text-ink placeholder:text-ink-3 hover:border-line-strong focus-visible:outline-offset-0 max-sm:text-[16px] pointer-coarse:min-h-10 pointer-coarse:py-2"
        />
        <Button type="submit" look="strong" disabled={!text.trim() || under}>
          Send <Key onAccent>{COMMAND} ↵</Key>
        </Button>
      </div>
      <p id={about} role="status" className="pt-1 text-xs text-ink-3">
        {told ?? (detail.state === "working" ? HEARD.agent : HEARD.next)}
      </p>
    </form>
  );
}

/** What is written, and what became of what was sent. */
function useWord(detail: TicketDetail) {
  const queries = useQueryClient();
  const name = nameOf(detail);
  const [text, setText] = useState(() => unsent.get(name) ?? "");
  const [under, setUnder] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  // The same word that is sent once more, because its answer got lost, is said once.
  const wish = useRef<string | null>(null);

  const write = (next: string) => {
    setText(next);
    setTold(null);
    wish.current = null;
    unsent.set(name, next);
  };
  const send = async () => {
    const word = text.trim();
    if (!word || under) return;
    setUnder(true);
    wish.current ??= crypto.randomUUID();
    try {
      const toAgent = await steered(detail, word, wish.current);
      write("");
      setTold(toAgent ? TOLD.agent : TOLD.next);
    } catch (error) {
      tellFailure(error);
    } finally {
      setUnder(false);
      staleTicket(queries, detail);
    }
  };
  return { text, write, send, under, told };
}
