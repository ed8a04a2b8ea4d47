// What can be done about a ticket: buttons with their keys, and below them what an act asks for.

import { Suspense, useEffect, useState } from "react";
import { useNavigate } from "react-router";
import type { Action, TicketDetail } from "../api";
import { useWhyNot } from "../data/me";
import { useWish } from "../data/wishes";
import { ACTS, type Act, type Offer, offers } from "../model/acts";
import { lazily } from "../shell/lazily";
import { pathOf } from "../shell/paths";
import { Button, Forbidden } from "../ui/basics";
import { useKeys } from "../ui/keys";
import { ActForm } from "./ActForm";
import { MoreButton } from "./MoreButton";

const More = lazily(() => import("./More"), "More");
const EditTicket = lazily(() => import("./EditTicket"), "EditTicket");

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
  const bound = Object.fromEntries(
    may.map(({ act }) => [ACTS[act].key, [ACTS[act].help, () => ask(act)] as const]),
  );
  useKeys(bound, { enabled: keys && asking === null });

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
      {rest.length > 0 && (
        <Suspense fallback={<MoreButton disabled />}>
          <More offers={rest} onAsk={ask} whyNot={(act) => whyNot(ACTS[act].needs)} />
        </Suspense>
      )}
      {asking === "edit" && (
        <Suspense fallback={null}>
          <EditTicket detail={detail} onClose={() => setAsking(null)} />
        </Suspense>
      )}
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
