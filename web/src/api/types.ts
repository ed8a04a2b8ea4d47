// The shapes that cross the wire, by the names they have there.

import type { components } from "./schema";

export type CheckUp = Schemas["CheckUp"];
export type Finding = Schemas["Finding"];

type Schemas = components["schemas"];

export type Action = Schemas["Action"];
export type AddTicket = Schemas["AddTicket"];
export type AgentInsights = Schemas["AgentInsights"];
export type AlertView = Schemas["AlertView"];
export type AttemptView = Schemas["AttemptView"];
export type BudgetOf = Schemas["BudgetView"];
export type BriefView = Schemas["BriefView"];
export type CheckView = Schemas["CheckView"];
export type Circuit = Schemas["Circuit"];
export type Diff = Schemas["Diff"];
export type DiffFile = Schemas["DiffFile"];
export type Done = Schemas["Done"];
export type EditTicket = Schemas["EditTicket"];
export type EventView = Schemas["EventView"];
export type Events = Schemas["Events"];
export type ExternalView = Schemas["ExternalView"];
export type FlakyTests = Schemas["FlakyTests"];
export type Honesty = Schemas["Honesty"];
export type HonestyView = Schemas["HonestyView"];
export type JobPulse = Schemas["JobPulse"];
export type JournalPage = Schemas["JournalPage"];
export type Insights = Schemas["Insights"];
export type MainAgentView = Schemas["MainAgentView"];
export type Me = Schemas["Me"];
export type NodeView = Schemas["NodeView"];
export type Packet = Schemas["Packet"];
export type PlanAccepted = Schemas["PlanAccepted"];
export type PlannedView = Schemas["PlannedView"];
export type PlanView = Schemas["PlanView"];
export type PolicyView = Schemas["PolicyView"];
export type ProjectInsights = Schemas["ProjectInsights"];
export type Problem = Schemas["Problem"];
export type ProjectView = Schemas["ProjectView"];
export type PushDevice = Schemas["PushSubscriptionView"];
export type QueueEntry = Schemas["QueueEntry"];
export type RecordView = Schemas["RecordView"];
export type ReportView = Schemas["ReportView"];
export type ScheduleView = Schemas["ScheduleView"];
export type Status = Schemas["Status"];
export type TicketDetail = Schemas["TicketDetail"];
export type TicketView = Schemas["TicketView"];
export type TokenAdded = Schemas["TokenAdded"];
export type TokenView = Schemas["TokenView"];
export type UsageView = Schemas["UsageView"];
export type WebhookView = Schemas["WebhookView"];

/** A line of a journal: as people read it, and as it stands there. */
export interface JournalLine {
  text: string;
  entry: JournalEntry;
}

/** What a job wrote into its journal. Kinds that are not known here are kept, and shown by their text. */
export interface JournalEntry {
  kind: string;
  /** Its number in the journal, from 1. */
  n: number;
  at_us: number;
  [field: string]: unknown;
}

/** A ticket's name. */
export interface TicketRef {
  project: string;
  key: string;
}
