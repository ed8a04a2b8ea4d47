// Notices of this browser when something new needs a person, while the page is open.

import { useState } from "react";
import { noticesWanted, wantNotices } from "../../data/notices";
import { Button, Heading } from "../../ui/basics";

export function Notices() {
  const [wanted, setWanted] = useState(noticesWanted);
  const toggle = async () => setWanted(await wantNotices(!wanted));
  const denied = typeof Notification !== "undefined" && Notification.permission === "denied";
  return (
    <section aria-label="Notices">
      <Heading>Notices</Heading>
      <div className="flex flex-wrap items-center gap-3">
        <Button aria-pressed={wanted} onClick={() => void toggle()} disabled={denied}>
          {wanted ? "Tell me no more" : "Tell me when something needs me"}
        </Button>
        <p className="text-ink-3">
          {denied
            ? "This browser does not let the page tell you."
            : "By this browser, while the page is open."}
        </p>
      </div>
    </section>
  );
}
