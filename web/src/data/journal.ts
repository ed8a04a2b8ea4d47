// The transcript of a ticket's job, as it grows.

import { useEffect, useState } from "react";
import type { JournalLine, TicketRef } from "../api";
import { empty, grown, type Transcript } from "../model/transcript";
import { live } from "./daemon";

export interface JournalTold {
  transcript: Transcript;
  /** The job whose lines came last. */
  job: string | undefined;
  ended: boolean;
}

/** Lines that arrive within this are shown at once. */
const GATHER_MS = 50;

/** Follows a ticket from job to job, from its last one on, or from a job that is named. */
export function useJournal({ project, key }: TicketRef, job: string | undefined): JournalTold {
  const [told, setTold] = useState<JournalTold>({ transcript: empty(), job, ended: false });
  useEffect(() => {
    let now: JournalTold = { transcript: empty(), job, ended: false };
    let timer: ReturnType<typeof setTimeout> | undefined;
    setTold(now);
    // Lines come one by one: what they make is made of many at once.
    let heard: { lines: JournalLine[]; of: string | undefined }[] = [];
    const show = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const { lines, of } of heard)
          now = { ...now, transcript: grown(now.transcript, lines, of), job: of };
        heard = [];
        setTold(now);
      }, GATHER_MS);
    };
    const unread = live.journal(
      { project, key },
      {
        onLines(lines, of) {
          now = { ...now, ended: false };
          const last = heard.at(-1);
          if (last && last.of === of) last.lines.push(...lines);
          else heard.push({ lines: [...lines], of });
          show();
        },
        onEnd() {
          now = { ...now, ended: true };
          show();
        },
      },
      job,
    );
    return () => {
      clearTimeout(timer);
      unread();
    };
  }, [project, key, job]);
  return told;
}
