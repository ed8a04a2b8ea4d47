import { Page } from "../../ui/Page";

export function Schedules() {
  return <Page title="Schedules">soon</Page>;
}
