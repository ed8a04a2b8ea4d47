// A changed config.toml that the daemon does not follow, or not before its next start.

import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../data/me";
import { plain } from "../../model/plain";
import { whyNotAllowed } from "../../model/roles";
import { useStatus } from "../../shell/status";
import { Strip } from "./Strip";

/** The place and the mistake, without the folders that lead there. */
const inShort = (why: string) => plain((why.split("\n")[0] ?? "").replace(/^\S*\/(?=[^/\s]+:\d+:\d+: )/, ""));

/** For who can do something about it. */
export function Unfollowed() {
  const { config } = useStatus();
  const { data: me } = useQuery(meQuery);
  if (!config || !me || whyNotAllowed(me.role, "L1")) return null;
  const { refused, restart } = config;
  if (refused)
    return (
      <Strip label="Configuration" to="/settings" act="Show" mark="broken" tone="bad">
        Not taken over: {inShort(refused.why)}
      </Strip>
    );
  if (restart.length === 0) return null;
  return (
    <Strip label="Configuration" to="/settings" act="Show" mark="held" tone="attention">
      Waits for the daemon's next start: {restart.join(", ")}
    </Strip>
  );
}
