// A project's policy in plain words. What it leaves out holds as well, so the defaults stand here: a test
// compares them with docs/configuration.md, and one of the daemon's compares that with the daemon.

import { parse } from "smol-toml";

type Table = Record<string, unknown>;

/** What holds where the policy says nothing, by table and key. */
export const DEFAULTS: Record<string, Table> = {
  landing: { mode: "local", style: "merge", review: "none" },
  reviewer: { agents: [], findings: "fail", after: "pass", timeout: "20m" },
  tests: {
    weakened: "fail",
    new: "review",
    canary: "auto",
    uncovered: "fail",
    reruns: 2,
    paths: [
      ..."tests/** test/** spec/** **/tests/** **/test/** **/__tests__/** **/__mocks__/**".split(" "),
      ..."**/__snapshots__/** **/testdata/** **/src/test/** **/tests.rs **/test_*.py **/*_test.py".split(" "),
      ..."**/conftest.py **/*_test.go **/*.test.* **/*.spec.* **/*Test.java **/*Tests.java".split(" "),
      "**/*Test.kt",
    ],
  },
  change: {
    files: 300,
    lines: 10_000,
    built: [
      ..."**/node_modules/** **/__pycache__/** **/*.pyc **/*.pyo **/.pytest_cache/** **/.venv/**".split(" "),
      ..."**/site-packages/** target/** **/*.egg-info/**".split(" "),
    ],
    generated: [],
  },
  limits: {
    agents: 5,
    per_definition: 2,
    worktrees: 10,
    verifications: 2,
    checks: 2,
    session: "4h",
    verification: "1h",
    tries: 3,
    silence_alert: "30m",
    uncommitted_alert: "2h",
    scope_collision: "avoid",
  },
  network: { allow: [] },
  permissions: { default: "allow", timeout: "30m", on_timeout: "deny", cannot_ask: "refuse", rules: [] },
  retry: { same_failure: "other-agent", agents: [] },
  setup: { run: [], timeout: "10m", network: true, cache: [], key: [] },
  worktree: {
    copy: [],
    link: [],
    secrets: [],
    backend: "clone",
    worktree_template: "worker-<id>",
    branch_template: "gangline/<KEY>-<slug>",
    commit_template: "<KEY>: <subject>",
    ports: 10,
  },
};

/** The same of a check, save how long it may take, which is 10 minutes, too. */
export const OF_CHECK: Table = {
  timeout: "10m",
  required: true,
  tests_min: 1,
  network: false,
  continues: false,
  env: {},
  secrets: [],
};

/** Files whose change needs a person, where the policy names none. */
export const PROTECTED = [
  "gangline.toml",
  ".gangline/**",
  ".claude/**",
  ".github/**",
  ".gitlab-ci.yml",
  ".gitmodules",
  ".cargo/config",
  ".cargo/config.toml",
  ".npmrc",
];

const FINDS = { fail: "fail the commit", review: "wait for a person", note: "are only told" };

/** What a key means, and its values where they are words of the policy's own. */
const WORDS: Record<string, [string, Record<string, string>?]> = {
  "landing.mode": ["What was verified", { local: "lands on the target", branch: "is left as a branch" }],
  "landing.style": ["As", { merge: "a merge commit", squash: "one commit" }],
  "landing.review": ["A person approves", { required: "each landing", none: "only what a check doubts" }],
  "reviewer.agents": ["Agents that read each change"],
  "reviewer.findings": [
    "What they find",
    { ...FINDS, fail: "fails the commit", review: "waits for a person", note: "is only told" },
  ],
  "reviewer.after": ["They read", { pass: "what passed its checks", always: "also what failed a check" }],
  "reviewer.timeout": ["Within"],
  "tests.weakened": ["Tests taken away without leave", FINDS],
  "tests.new": [
    "New tests that pass without the change",
    {
      review: "wait for a person",
      require: "fail the commit",
      note: "are only told",
      off: "are not looked for",
    },
  ],
  "tests.canary": [
    "A test that must fail is planted",
    { auto: "where a change could touch how tests run", always: "always", never: "never" },
  ],
  "tests.uncovered": ["Commits whose new code ran too little", FINDS],
  "tests.reruns": ["How often a failed test command is run again"],
  "tests.paths": ["Files that are tests"],
  "change.files": ["A person looks beyond so many files"],
  "change.lines": ["A person looks beyond so many lines"],
  "change.built": ["Never committed"],
  "change.generated": ["Not read by people"],
  "change.licence": ["Licence header"],
  "limits.agents": ["Attempts at once"],
  "limits.per_definition": ["Of one definition at once"],
  "limits.worktrees": ["Worktrees"],
  "limits.verifications": ["Verifications at once"],
  "limits.checks": ["Commands of one commit at once"],
  "limits.session": ["An attempt may take"],
  "limits.verification": ["Checks of one commit may take"],
  "limits.tries": ["Tries of a ticket"],
  "limits.silence_alert": ["A person is told of silence after"],
  "limits.uncommitted_alert": ["A person is told of uncommitted work after"],
  "limits.scope_collision": [
    "Tickets with the same scope",
    {
      avoid: "are not worked on at once",
      warn: "are worked on at once, which is told",
      ignore: "are worked on at once",
    },
  ],
  "network.mode": [
    "Agents reach the network by",
    { proxy: "a proxy", none: "nothing", open: "the host's own" },
  ],
  "network.allow": ["Hosts beside those that agents need"],
  "network.bytes": ["Of one attempt may pass"],
  "permissions.default": ["What no rule names", { allow: "is allowed", ask: "is asked", deny: "is denied" }],
  "permissions.timeout": ["An answer is awaited for"],
  "permissions.on_timeout": ["Without an answer", { deny: "it is denied", park: "the ticket is parked" }],
  "permissions.cannot_ask": ["Agents that cannot ask", { refuse: "are refused", run: "run" }],
  "permissions.rules": ["Rules"],
  "retry.same_failure": [
    "After the same failure comes",
    { "other-agent": "another agent", fresh: "a new session of the same agent" },
  ],
  "retry.agents": ["Agents that come then"],
  "setup.run": ["Commands before agent and checks"],
  "setup.timeout": ["Within"],
  "setup.network": ["With the network"],
  "setup.cache": ["Folders that are kept"],
  "setup.key": ["Files that name their state"],
  "worktree.copy": ["Copied from your repository"],
  "worktree.link": ["Linked from your repository"],
  "worktree.secrets": ["Secret files"],
  "worktree.backend": ["Made by", { clone: "a clone", linked: "git worktree add" }],
  "worktree.worktree_template": ["Folder"],
  "worktree.branch_template": ["Branch"],
  "worktree.commit_template": ["Subject of a landing"],
  "worktree.ports": ["Ports of each"],
  "resources.memory": ["Memory"],
  "resources.processes": ["Processes and threads"],
  "resources.open_files": ["Open files"],
  "resources.cpu_seconds": ["Seconds of processor time"],
  "resources.disk": ["Disk"],
  "budgets.ticket": ["A ticket"],
  "budgets.project": ["The project, ever"],
  "budgets.day": ["A day"],
};

/** One line of the policy. */
export interface Rule {
  key: string;
  /** What it means; the key itself where there are no words. */
  words: string;
  /** A sentence's end, or names and patterns. */
  value: string | string[];
  /** Whether the policy says it, and not the default. */
  written: boolean;
}

/** A value of the policy for people. Of what has no words here, TOML's own. */
function shown(value: unknown, words: Record<string, string> | undefined): string | string[] {
  if (typeof value === "string") return words?.[value] ?? value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (Array.isArray(value))
    return value.map((each) => (typeof each === "string" ? each : String(shown(each, words))));
  if (value instanceof Date) return value.toISOString();
  return Object.entries((value ?? {}) as Table)
    .map(([key, each]) => {
      const text = shown(each, undefined);
      return `${key} = ${Array.isArray(text) ? `[${text.join(", ")}]` : text}`;
    })
    .join(", ");
}

/** What a budget says, such as `20.00 USD, 6h`. */
function bounds(value: unknown): string {
  const { cost_usd, tokens, wall } = value as { cost_usd?: unknown; tokens?: unknown; wall?: unknown };
  return [
    cost_usd === undefined ? "" : `${Number(cost_usd).toFixed(2)} USD`,
    tokens === undefined ? "" : `${tokens} tokens`,
    wall === undefined ? "" : String(wall),
  ]
    .filter(Boolean)
    .join(", ");
}

export interface CheckRule {
  name: string;
  command: string;
  kind: string | null;
  required: boolean;
  timeout: string;
  /** What else is said of it. */
  more: Rule[];
}

export interface Policy {
  checks: CheckRule[];
  /** Why no check is required. */
  waived: string | null;
  protected: { patterns: string[]; written: boolean };
  /** The agent of tickets that name none. */
  definitions: { name: string; says: string }[];
  schedules: string[];
  tables: Record<string, Rule[]>;
}

/** The tables that are shown by rules, in this order. */
export const TABLES = [
  "landing",
  "reviewer",
  "external_ci",
  "limits",
  "budgets",
  "resources",
  "network",
  "tests",
  "change",
  "permissions",
  "retry",
  "setup",
  "worktree",
] as const;

const table = (value: unknown) => (value && typeof value === "object" ? (value as Table) : {});
const command = (run: unknown) => (Array.isArray(run) ? run.map(String).join(" ") : String(run ?? ""));

function rules(name: string, said: Table): Rule[] {
  const defaults = DEFAULTS[name] ?? {};
  const keys = [...Object.keys(defaults), ...Object.keys(said).filter((key) => !(key in defaults))];
  return keys.map((key) => {
    const [words, values] = WORDS[`${name}.${key}`] ?? [key];
    const written = key in said;
    if (name === "budgets") return { key: `budgets.${key}`, words, value: bounds(said[key]), written };
    return {
      key: `${name}.${key}`,
      words,
      value: shown(written ? said[key] : defaults[key], values),
      written,
    };
  });
}

function check([name, value]: [string, unknown]): CheckRule {
  const said = table(value);
  const more = Object.entries(said)
    .filter(([key, each]) => !["run", "kind", "required", "timeout"].includes(key) && each !== OF_CHECK[key])
    .map(([key, each]) => ({
      key,
      words: key.replaceAll("_", " "),
      value: shown(each, undefined),
      written: true,
    }));
  return {
    name,
    command: command(said.run),
    kind: typeof said.kind === "string" ? said.kind : null,
    required: said.required !== false,
    timeout: String(said.timeout ?? OF_CHECK.timeout),
    more,
  };
}

/** Reads a policy that the daemon has accepted: what it says, and what holds beside that. */
export function readPolicy(text: string): Policy {
  const said = parse(text) as Table;
  const protectedPaths = table(said.protected).paths;
  const agents = table(said.agents);
  return {
    checks: Object.entries(table(said.checks)).map(check),
    waived: typeof said.checks_waived === "string" ? said.checks_waived : null,
    protected: Array.isArray(protectedPaths)
      ? { patterns: protectedPaths.map(String), written: true }
      : { patterns: PROTECTED, written: false },
    definitions: Object.entries(table(agents.definitions)).map(([name, value]) => ({
      name,
      says: String(shown(value, undefined)),
    })),
    schedules: Object.keys(table(said.schedules)),
    tables: Object.fromEntries(TABLES.map((name) => [name, rules(name, table(said[name]))])),
  };
}
