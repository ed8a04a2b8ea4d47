// What the daemon's machine and the daemon can and cannot do, as `gangline doctor` finds it.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";
import type { Finding } from "../../api";
import { meQuery, useWhyNot } from "../../data/me";
import { doctorQuery } from "../../data/queries";
import { whyNot } from "../../data/wishes";
import { HEALTH, inShort, worstFirst } from "../../model/doctor";
import { plain, plainBlock } from "../../model/plain";
import { Age, Button, Heading } from "../../ui/basics";
import { Copied } from "../../ui/Copied";
import { useKeys } from "../../ui/keys";
import { Mark } from "../../ui/Mark";
import { INK } from "../../ui/tone";

/** Where other views lead to it. */
export const CHECK_UP = "check-up";

export function CheckUp() {
  const { data, error, isFetching, refetch, dataUpdatedAt } = useQuery(doctorQuery);
  const { data: me } = useQuery(meQuery);
  const forbidden =
    useWhyNot()("L2") ?? (me?.projects ? "You are kept to some projects: this is about all of them." : null);
  const section = useRef<HTMLElement>(null);
  const { hash } = useLocation();
  useEffect(() => {
    if (hash === `#${CHECK_UP}`) section.current?.scrollIntoView();
  }, [hash]);
  const check = () => {
    if (!isFetching) void refetch();
  };
  useKeys({ v: forbidden ? undefined : ["check this machine", check] });
  const failed = error && !isFetching ? whyNot(error) : null;
  const all = worstFirst(data?.findings ?? []);
  const good = all.filter(({ health }) => health === "good");
  return (
    <section ref={section} id={CHECK_UP} aria-label="Check-up" className="scroll-mt-4">
      <Heading
        right={
          <Button shortcut="v" onClick={check} disabled={isFetching} forbidden={forbidden}>
            Check this machine
          </Button>
        }
      >
        Check-up
      </Heading>
      <div role="status" className="text-ink-3">
        {isFetching ? (
          <>
            Looking at programs, disks, agents and the store. That takes some seconds.
            <progress className="bar breathing mt-1.5" aria-label="The machine is looked at" />
          </>
        ) : failed ? (
          <p className="told text-bad">
            {plain(failed.text)} {failed.hint && <span className="text-ink-3">{plain(failed.hint)}</span>}
          </p>
        ) : data ? (
          <p>
            <span className={data.healthy ? "" : "font-medium text-bad"}>{inShort(data)}</span>,{" "}
            <Age us={dataUpdatedAt * 1_000} /> ago
          </p>
        ) : (
          <p>
            What the daemon's machine can and cannot do, and what helps, as{" "}
            <code className="font-mono text-xs">gangline doctor</code> tells it there.
          </p>
        )}
      </div>
      {data && (
        <div className={`mt-3 flex flex-col gap-2 ${isFetching ? "opacity-50" : ""}`}>
          <ul className="flex flex-col gap-2 empty:hidden" aria-label="Findings">
            {all.filter(({ health }) => health !== "good").map(line)}
          </ul>
          {good.length > 0 && (
            <details>
              <summary className="eyebrow w-fit rounded-sm">{good.length} as they ought to be</summary>
              <ul className="mt-2 flex flex-col gap-2" aria-label="Good">
                {good.map(line)}
              </ul>
            </details>
          )}
        </div>
      )}
    </section>
  );
}

function line({ health, what, found, next }: Finding) {
  const { word, tone, mark } = HEALTH[health];
  return (
    <li
      key={`${what} ${found}`}
      data-health={health}
      className="flex gap-3 rounded-lg border border-line bg-surface px-4 py-2.5"
    >
      <span className="pt-[3px]">
        <Mark state={mark} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{plain(what)}</span>
          <span className={`text-xs ${INK[tone]}`}>{word}</span>
        </p>
        <p className="told whitespace-pre-line text-ink-2">{plainBlock(found).trim()}</p>
        {next && (
          <div className="mt-2">
            <Copied text={plainBlock(next).trim()} />
          </div>
        )}
      </div>
    </li>
  );
}
