// What can be done about a ticket: buttons with their keys, and below them what an act asks for.

import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import type { Action, TicketDetail } from "../api";
import { useWhyNot } from "../data/me";
import { useWish } from "../data/wishes";
import { ACTS, type Act, type Offer, offers } from "../model/acts";
import { pathOf } from "../shell/paths";
import { Button, Forbidden, Key } from "../ui/basics";
import { useKeys } from "../ui/keys";
import { ActForm } from "./ActForm";
import { EditTicket } from "./EditTicket";

/** Buttons that stand beside one another; the rest is in a menu. */
const SHOWN = 3;

/** Where acts lead that only lead somewhere. */
const LEADS: Partial<Record<Act, string>> = { follow: "transcript", steer: "transcript#say", diff: "diff" };

interface ActBarProps {
  detail: TicketDetail;
  actions: Action[];
  /** Whether its keys are heeded. */
  keys?: boolean;
  /** Acts that the page offers in another way. */
  without?: Act[];
}

export function ActBar({ detail, actions, keys = true, without = [] }: ActBarProps) {
  const navigate = useNavigate();
  const wish = useWish();
  const whyNot = useWhyNot();
  const [asking, setAsking] = useState<Act | null>(null);
  const all = offers(detail, actions).filter((offer) => !without.includes(offer.act));
  const may = all.filter(({ act }) => whyNot(ACTS[act].needs) === null);
  const still = may.some((offer) => offer.act === asking);
  // An act that makes no sense any more is not asked for any longer.
  useEffect(() => {
    if (asking && !still) setAsking(null);
  }, [asking, still]);

  const ask = (act: Act) => {
    const { form } = ACTS[act];
    if (form === "leads") navigate(`${pathOf(detail)}/${LEADS[act] ?? "diff"}`);
    else if (form === "plain") void wish(detail, { act } as Parameters<typeof wish>[1]);
    else setAsking(act);
  };
  const bound = Object.fromEntries(may.map(({ act }) => [ACTS[act].key, () => ask(act)]));
  useKeys(bound, keys && asking === null);

  if (asking && still && ACTS[asking].form !== "edit") {
    return <ActForm key={asking} act={asking} detail={detail} onEnd={() => setAsking(null)} />;
  }
  const leads = all.filter(({ act }) => act !== "cancel" && act !== "split" && act !== "edit");
  const shown = leads.slice(0, SHOWN);
  const rest = all.filter((offer) => !shown.includes(offer));
  // Of all that is not theirs, what asks for the least is told.
  const least = all.map(({ act }) => ACTS[act].needs).filter((needs) => whyNot(needs) !== null);
  const why = least.sort()[0];
  return (
    <div
      className="flex flex-wrap items-center gap-2"
      data-keys={keys ? Object.keys(bound).join(" ") : undefined}
    >
      {shown.map((offer, at) => (
        <OfferButton
          key={offer.act}
          offer={offer}
          first={at === 0}
          forbidden={whyNot(ACTS[offer.act].needs)}
          onAsk={() => ask(offer.act)}
        />
      ))}
      {rest.length > 0 && <More offers={rest} onAsk={ask} whyNot={(act) => whyNot(ACTS[act].needs)} />}
      {asking === "edit" && <EditTicket detail={detail} onClose={() => setAsking(null)} />}
      {why && <Forbidden why={whyNot(why)} className="basis-full" />}
    </div>
  );
}

interface OfferButtonProps {
  offer: Offer;
  first: boolean;
  forbidden: string | null;
  onAsk(): void;
}

function OfferButton({ offer, first, forbidden, onAsk }: OfferButtonProps) {
  const { key, label } = ACTS[offer.act];
  return (
    <Button
      look={first ? "strong" : "plain"}
      shortcut={key}
      onClick={onAsk}
      title={`${offer.what}\n${offer.command}`}
      forbidden={forbidden}
    >
      {label}
    </Button>
  );
}

interface MoreProps {
  offers: Offer[];
  onAsk(act: Act): void;
  whyNot(act: Act): string | null;
}

function More({ offers, onAsk, whyNot }: MoreProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button look="quiet" aria-label="More actions" className="px-2">
          <Ellipsis className="size-4" aria-hidden="true" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
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
