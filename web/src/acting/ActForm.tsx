// What an act asks for before it is carried out: a text, paths, or a second look.

import { type FormEvent, type KeyboardEvent, useState } from "react";
import type { TicketDetail } from "../api";
import { useWish, type Wish } from "../data/wishes";
import { ACTS, type Act, wantedPermits } from "../model/acts";
import { short } from "../model/amount";
import { plain } from "../model/plain";
import { Button } from "../ui/basics";
import { TextArea } from "../ui/fields";

interface FormProps {
  act: Act;
  detail: TicketDetail;
  onEnd(): void;
}

const TEXTS: Partial<Record<Act, { label: string; hint: string; send: string; needed: boolean }>> = {
  answer: { label: "Your answer", hint: "It goes into the live session.", send: "Answer", needed: true },
  reject: {
    label: "What to do better",
    hint: "The next attempt begins with it.",
    send: "Send back",
    needed: true,
  },
  retry: {
    label: "A hint for the next attempt",
    hint: "It has all its tries again. The hint may be left out.",
    send: "Retry",
    needed: false,
  },
  permit: {
    label: "Paths",
    hint: "One pattern a line: its agents may change these.",
    send: "Permit",
    needed: true,
  },
  split: {
    label: "Parts",
    hint: "From 2 to 8. A blank line ends a part; its first line is its title.",
    send: "Split",
    needed: true,
  },
};

/** What will happen, before it does. */
function warning(act: Act, detail: TicketDetail): string {
  const { key, commit } = detail;
  if (act === "approve")
    return commit
      ? `Commit ${short(commit)} may land. If another one has taken its place, this is refused.`
      : `${key} may land.`;
  if (act === "cancel") return `${key} ends. What was done stays under rescue refs.`;
  if (act === "stop") return `The agent of ${key} ends, its work is kept, and the ticket is held.`;
  return `${key} is yours: no agent works on it until you hand it back. Its worktree is ${detail.worktree ?? "made for you"}.`;
}

function wished(act: Act, text: string, detail: TicketDetail): Wish | null {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  switch (act) {
    case "answer":
      return text ? { act, text, question: detail.questions[0]?.id } : null;
    case "reject":
      return text ? { act, feedback: text } : null;
    case "retry":
      return { act, hint: text || null };
    case "permit":
      return lines.length > 0 ? { act, paths: lines } : null;
    case "split": {
      const parts = text
        .split(/\n\s*\n/)
        .map((part) => part.trim())
        .filter(Boolean);
      return parts.length >= 2 ? { act, parts, parallel: false } : null;
    }
    case "approve":
      return { act, commit: detail.commit ?? null };
    case "stop":
    case "cancel":
    case "take-over":
      return { act };
    default:
      return null;
  }
}

export function ActForm({ act, detail, onEnd }: FormProps) {
  const wish = useWish();
  const asked = TEXTS[act];
  const [text, setText] = useState(act === "permit" ? wantedPermits(detail).join("\n") : "");
  const [under, setUnder] = useState(false);
  const ready = wished(act, text.trim(), detail);

  const send = async (told: Wish | null = ready) => {
    if (!told || under) return;
    setUnder(true);
    if (await wish(detail, told)) onEnd();
    else setUnder(false);
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onEnd();
    }
    // Of a text of several lines, Enter alone makes the next one.
    const many = act === "permit" || act === "split";
    if (
      event.key === "Enter" &&
      !event.nativeEvent.isComposing &&
      (event.ctrlKey || event.metaKey || (!event.shiftKey && asked && !many))
    ) {
      event.preventDefault();
      void send();
    }
  };
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };

  return (
    <form
      onSubmit={submitted}
      onKeyDown={typed}
      className="flex flex-col gap-3 rounded-lg border border-line bg-sunken p-3.5"
      aria-label={ACTS[act].label}
    >
      {act === "answer" && (
        <Options
          detail={detail}
          onChosen={(option) => void send({ act: "answer", text: option, question: detail.questions[0]?.id })}
        />
      )}
      {asked ? (
        <TextArea
          autoFocus
          label={asked.label}
          hint={asked.hint}
          value={text}
          rows={act === "split" ? 5 : 2}
          onChange={(event) => setText(event.target.value)}
          required={asked.needed}
        />
      ) : (
        <p className="text-sm text-ink-2">{warning(act, detail)}</p>
      )}
      <div className="flex items-center gap-2">
        <Button
          type="submit"
          look={ACTS[act].tone === "bad" ? "bad" : "strong"}
          disabled={!ready || under}
          autoFocus={!asked}
        >
          {asked?.send ?? ACTS[act].label}
        </Button>
        <Button look="quiet" onClick={onEnd}>
          Not now
        </Button>
      </div>
    </form>
  );
}

function Options({ detail, onChosen }: { detail: TicketDetail; onChosen(option: string): void }) {
  const options = detail.questions[0]?.options ?? [];
  if (options.length === 0) return null;
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="pb-1.5 text-xs font-medium text-ink-2">Answers that are offered</legend>
      {options.map((option) => (
        <Button key={option} onClick={() => onChosen(option)} className="max-w-full">
          <span className="truncate">{plain(option)}</span>
        </Button>
      ))}
    </fieldset>
  );
}
