// Who is told of events: how each webhook is, and a ping to see whether it is taken.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { given, type WebhookView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { webhooksQuery } from "../../data/queries";
import { tellFailure } from "../../data/wishes";
import { moment } from "../../model/amount";
import { plain } from "../../model/plain";
import type { Tone } from "../../model/states";
import { Age, Button, Heading, Tag } from "../../ui/basics";
import { Table } from "../../ui/Page";

const TONES: Record<WebhookView["health"], Tone> = { unused: "calm", well: "good", failing: "bad" };

export function Webhooks() {
  const { data = [] } = useQuery(webhooksQuery);
  if (data.length === 0) return null;
  return (
    <section aria-label="Webhooks">
      <Heading>Webhooks</Heading>
      <Table label="All webhooks" heads={["Name", "State", "Told of", "Delivered", "Test"]}>
        {data.map((hook) => (
          <Row key={hook.name} hook={hook} />
        ))}
      </Table>
    </section>
  );
}

function Row({ hook }: { hook: WebhookView }) {
  const queries = useQueryClient();
  const forbidden = useWhyNot()("L2");
  const [under, setUnder] = useState(false);
  const test = async () => {
    setUnder(true);
    try {
      const params = { path: { name: hook.name } };
      const told = await given(client.POST("/api/v1/webhooks/{name}/test", { params }));
      if (told.delivered) toast.success(`${hook.name} took a ping in ${told.duration_ms} ms`);
      else toast.error(`${hook.name} did not take a ping`, { description: plain(told.error ?? "") });
    } catch (error) {
      tellFailure(error);
    }
    setUnder(false);
    await queries.invalidateQueries({ queryKey: ["webhooks"] });
  };
  return (
    <tr>
      <td>
        {hook.name} <span className="told block text-xs text-ink-3">{plain(hook.url)}</span>
      </td>
      <td>
        <Tag tone={TONES[hook.health]}>{hook.health}</Tag>
        {hook.error && <span className="told block max-w-80 text-xs text-ink-3">{plain(hook.error)}</span>}
        {hook.next_try_us && (
          <span className="block text-xs text-ink-3">tried again at {moment(hook.next_try_us)}</span>
        )}
      </td>
      <td className="text-ink-2">
        {hook.events.join(", ") || "all events"}
        {hook.behind > 0 && <span className="figures block text-xs text-ink-3">{hook.behind} behind</span>}
        {hook.given_up > 0 && (
          <span className="figures block text-xs text-bad">{hook.given_up} given up</span>
        )}
      </td>
      <td className="whitespace-nowrap">
        {hook.delivered_us ? (
          <>
            <Age us={hook.delivered_us} /> ago
          </>
        ) : (
          "never"
        )}
      </td>
      <td>
        <Button
          onClick={() => void test()}
          disabled={under}
          forbidden={forbidden}
          aria-label={`Test ${hook.name}`}
        >
          Send a ping
        </Button>
      </td>
    </tr>
  );
}
