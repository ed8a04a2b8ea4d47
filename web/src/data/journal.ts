// The transcript of a ticket's job, as it grows.

import { useEffect, useState } from "react";
import type { TicketRef } from "../api";
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
    const show = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setTold(now);
      }, GATHER_MS);
    };
    const unread = live.journal(
      { project, key },
      {
        onLines(lines, of) {
          now = { transcript: grown(now.transcript, lines, of), job: of, ended: false };
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
