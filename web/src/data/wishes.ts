// What a person wants of the daemon: asked, and told in a line.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { toast } from "sonner";
import { type EditTicket, given, Refused, type TicketRef, Unreachable } from "../api";
import { client } from "./daemon";
import { staleTicket } from "./queries";

const OF = "/api/v1/projects/{project}/tickets/{key}";
type Plain = "start" | "hold" | "resume" | "stop" | "kill" | "cancel" | "take-over" | "hand-back" | "recheck";

export type Wish =
  | { act: Plain }
  | { act: "answer"; question?: string; text: string }
  | { act: "approve"; commit: string | null }
  | { act: "reject"; feedback: string }
  | { act: "retry"; hint: string | null }
  | { act: "permit"; paths: string[] }
  | { act: "edit"; edit: EditTicket }
  | { act: "next" }
  | { act: "split"; parts: string[]; parallel: boolean };

const DONE: Record<Plain, string> = {
  start: "opened",
  hold: "is being held",
  resume: "goes on",
  stop: "is being stopped; its work is kept",
  kill: "is being ended; its work is kept",
  cancel: "is being cancelled; its work is kept under rescue refs",
  "take-over": "is yours",
  "hand-back": "handed back; it is verified",
  recheck: "is verified once more",
};

/** Asks for it, and says what came of that. */
export async function carriedOut(ticket: TicketRef, wish: Wish): Promise<string> {
  const params = { path: { project: ticket.project, key: ticket.key } };
  switch (wish.act) {
    case "answer":
      await given(
        client.POST(`${OF}/answer`, { params, body: { question: wish.question, text: wish.text } }),
      );
      return "answered";
    case "approve":
      await given(client.POST(`${OF}/approve`, { params, body: { commit: wish.commit } }));
      return "approved";
    case "reject":
      await given(client.POST(`${OF}/reject`, { params, body: { feedback: wish.feedback } }));
      return "sent back";
    case "retry":
      await given(client.POST(`${OF}/retry`, { params, body: { hint: wish.hint } }));
      return "has all its tries again";
    case "permit":
      await given(client.POST(`${OF}/permit`, { params, body: { paths: wish.paths } }));
      return `may change ${wish.paths.join(", ")}; v verifies it once more`;
    case "edit":
      await given(client.PATCH(OF, { params, body: wish.edit }));
      return "is changed";
    case "next":
      await given(client.PATCH(OF, { params, body: { priority: "critical" } }));
      return "is critical now, and further up in the lane";
    case "split": {
      const { added } = await given(
        client.POST(`${OF}/split`, { params, body: { parts: wish.parts, parallel: wish.parallel } }),
      );
      return `is split into ${added.join(", ")}`;
    }
    default:
      await given(client.POST(`${OF}/${wish.act}`, { params }));
      return DONE[wish.act];
  }
}

/**
 * Says a word to a ticket's agent; whether one at work hears it. Sent again under the same key, it is
 * said once.
 */
export async function steered(ticket: TicketRef, text: string, key: string): Promise<boolean> {
  const path = { project: ticket.project, key: ticket.key };
  const params = { path, header: { "idempotency-key": key } };
  return (await given(client.POST(`${OF}/steer`, { params, body: { text } }))).to_agent;
}

/** Why something was not done, in words, with what to do about it. */
export function whyNot(error: unknown): { text: string; hint?: string } {
  if (error instanceof Refused) {
    const { detail, hint } = error.problem;
    return hint ? { text: detail, hint } : { text: detail };
  }
  if (error instanceof Unreachable) return { text: `${error.message}; it may have been done all the same` };
  return { text: error instanceof Error ? error.message : String(error) };
}

export function tellFailure(error: unknown): void {
  const { text, hint } = whyNot(error);
  toast.error(text, { description: hint });
}

/** Carries a wish out, tells what came of it, and reads anew; whether it was done. */
export function useWish(): (ticket: TicketRef, wish: Wish) => Promise<boolean> {
  const queries = useQueryClient();
  return useCallback(
    async (ticket, wish) => {
      try {
        const told = await carriedOut(ticket, wish);
        toast.success(`${ticket.key} ${told}`);
        return true;
      } catch (error) {
        tellFailure(error);
        return false;
      } finally {
        staleTicket(queries, ticket);
        void queries.invalidateQueries({ queryKey: ["tickets"] });
      }
    },
    [queries],
  );
}
