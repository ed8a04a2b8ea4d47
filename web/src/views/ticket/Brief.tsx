// What the last attempt was told.

import { useQuery } from "@tanstack/react-query";
import type { TicketDetail } from "../../api";
import { briefQuery } from "../../data/queries";
import { whyNot } from "../../data/wishes";
import { Empty, Heading, Loading } from "../../ui/basics";
import { Prose } from "../../ui/Prose";

export function Brief({ detail }: { detail: TicketDetail }) {
  const { data, error } = useQuery(briefQuery(detail));
  if (error) return <Empty title="No attempt has been told anything yet">{whyNot(error).text}</Empty>;
  if (!data) return <Loading what="Reading the brief" />;
  return (
    <div className="max-w-4xl px-4 py-6 md:px-8">
      <Heading>What {data.job} was told</Heading>
      <Prose text={data.text} />
    </div>
  );
}
