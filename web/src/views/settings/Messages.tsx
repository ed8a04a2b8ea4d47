// Messages of the daemon, also while no page is open: on this device, and on one's others.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { given, type PushDevice } from "../../api";
import { client } from "../../data/daemon";
import { hereQuery, pushQuery, tellHere, tellHereNoMore } from "../../data/push";
import { tellFailure } from "../../data/wishes";
import { plain } from "../../model/plain";
import { STANDINGS, standing } from "../../model/push";
import { Age, Button, Heading, Tag } from "../../ui/basics";
import { Table } from "../../ui/Page";

const OF = "/api/v1/push/subscriptions/{id}";

export function Messages() {
  const queries = useQueryClient();
  const { data: push } = useQuery(pushQuery);
  const { data: here } = useQuery(hereQuery);
  const [under, setUnder] = useState(false);
  if (!push || !here) return null;
  const devices = push.subscriptions;
  const stands = standing(
    here,
    push.enabled,
    devices.map(({ id }) => id),
  );
  const done = async (deed: () => Promise<unknown>) => {
    setUnder(true);
    try {
      await deed();
    } catch (error) {
      tellFailure(error);
    }
    await queries.invalidateQueries({ queryKey: ["push"] });
    setUnder(false);
  };
  const remove = (id: string) =>
    done(async () => {
      if (id === here.id) await tellHereNoMore();
      await given(client.DELETE(OF, { params: { path: { id } } }));
    });
  const test = (id: string) =>
    done(async () => {
      const tested = await given(client.POST(`${OF}/test`, { params: { path: { id } } }));
      if (tested.delivered) toast.success("A message is on its way");
      else toast.error("The message was not taken", { description: plain(tested.error ?? "") });
    });
  const id = here.id ?? "";
  return (
    <section aria-label="Messages on this device">
      <Heading>Messages on this device</Heading>
      <div className="flex flex-wrap items-center gap-3">
        {stands === "off" && (
          <Button onClick={() => void done(() => tellHere(push.public_key ?? ""))} disabled={under}>
            Tell this device
          </Button>
        )}
        {stands === "on" && (
          <>
            <Button onClick={() => void test(id)} disabled={under}>
              Send a test
            </Button>
            <Button onClick={() => void remove(id)} disabled={under}>
              Tell this device no more
            </Button>
          </>
        )}
        <p className="max-w-prose text-ink-3">{STANDINGS[stands]}</p>
      </div>
      <Devices devices={devices} here={here.id} onRemove={(each) => void remove(each)} />
    </section>
  );
}

interface DevicesProps {
  devices: PushDevice[];
  /** The id of this one. */
  here: string | null;
  onRemove: (id: string) => void;
}

function Devices({ devices, here, onRemove }: DevicesProps) {
  if (devices.length === 0) return null;
  return (
    <div className="mt-3">
      <Table label="Your devices" heads={["Device", "By", "Told", "Remove"]}>
        {devices.map((device) => (
          <tr key={device.id}>
            <td>
              {plain(device.label || "A browser")} {device.id === here && <Tag>this one</Tag>}
              {device.error && (
                <span className="told block max-w-80 text-xs text-bad">{plain(device.error)}</span>
              )}
              {device.waiting > 0 && (
                <span className="figures block text-xs text-ink-3">{device.waiting} waiting</span>
              )}
            </td>
            <td className="told text-ink-2">{device.service}</td>
            <td className="whitespace-nowrap">
              {device.told_us ? <Age us={device.told_us} /> : <span className="text-ink-3">never</span>}
            </td>
            <td>
              <button
                type="button"
                className="text-bad hover:underline"
                onClick={() => onRemove(device.id)}
                aria-label={`Remove ${device.label} ${device.id}`}
              >
                Remove
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
