// A machine of its own for the dashboard: directories, a repository, and the real program.

import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer as createReceiver, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { FILES } from "./repository.mjs";
import { ASLEEP_S } from "./scripts.mjs";

const PROGRAM =
  process.env.GANGLINE_PROGRAM ?? resolve(import.meta.dirname, "../../../target/debug/gangline");
const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** Ports that no outgoing connection is given. */
const PORTS = [10_000, 32_000];

/** A port that nobody has at this moment, nor is likely to take in the next. */
export const freePort = () =>
  new Promise((done) => {
    const port = randomInt(...PORTS);
    const server = createServer()
      .on("error", () => done(freePort()))
      .listen(port, "127.0.0.1", () => server.close(() => done(port)));
  });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class World {
  constructor(root, port) {
    this.root = root;
    this.port = port;
    this.repo = join(root, "shop");
    this.env = {
      PATH: process.env.PATH,
      HOME: join(root, "home"),
      GANGLINE_STATE_DIR: join(root, "state"),
      GANGLINE_CONFIG_DIR: join(root, "config"),
      GANGLINE_RUNTIME_DIR: join(root, "run"),
      GANGLINE_LISTEN: `127.0.0.1:${port}`,
      GANGLINE_PERSON: "ann",
      GIT_CONFIG_NOSYSTEM: "1",
      TZ: "UTC",
    };
    if (process.env.PYENV_ROOT) this.env.PYENV_ROOT = process.env.PYENV_ROOT;
  }

  /** Directories, a repository with a policy, and a daemon that knows it, configured so beside its usual. */
  static async begin(files = FILES, config = async () => "") {
    // Short: socket paths are limited.
    const world = new World(mkdtempSync(join(tmpdir(), "glw-")), await freePort());
    for (const folder of ["shop", "home", "state", "config", "run"]) mkdirSync(join(world.root, folder));
    await world.listen();
    appendFileSync(join(world.root, "config/config.toml"), await config(world));
    for (const [path, text] of Object.entries(files)) world.write(path, text);
    world.git("init", "--quiet", "--initial-branch=main");
    world.git("config", "user.name", "Ann");
    world.git("config", "user.email", "ann@example.org");
    world.git("add", "--all");
    world.git("commit", "--quiet", "--message=A small shop");
    world.first = world.git("rev-parse", "HEAD").trim();
    world.start();
    return world;
  }

  /** Takes what the daemon tells a webhook: the types of events are in `told`. */
  async listen() {
    this.told = [];
    this.receiver = createReceiver((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        this.told.push(JSON.parse(Buffer.concat(parts).toString()).type);
        response.writeHead(204).end();
      });
    });
    await new Promise((done) => this.receiver.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${this.receiver.address().port}/`;
    const hook = `url = "${url}"\nsecret = "env://BOARD_SECRET"\nallow_private = true\nevents = ["landed"]\n`;
    writeFileSync(
      join(this.root, "config/config.toml"),
      `[webhooks.board]\n${hook}[push]\nallow_private = true\n`,
    );
    this.env.BOARD_SECRET = `whsec_${Buffer.from("a secret of the throw-away world").toString("base64")}`;
  }

  write(path, text) {
    const file = join(this.repo, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  git(...args) {
    return execFileSync("git", args, { cwd: this.repo, env: this.env, encoding: "utf8" });
  }

  /** Runs the program in the repository; what it printed. */
  run(...args) {
    return execFileSync(PROGRAM, args, {
      cwd: this.repo,
      env: this.env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  json(...args) {
    return JSON.parse(this.run("--json", ...args));
  }

  start() {
    this.run("up", "--detach");
    this.status = undefined;
  }

  /** Ends the daemon as a power cut would; jobs go on. */
  async kill() {
    const { pid } = await this.api("GET", "/status");
    process.kill(pid, "SIGKILL");
    while (alive(pid)) await pause(LOOK_MS);
  }

  async end() {
    try {
      const { pid } = await this.api("POST", "/shutdown", { jobs: true });
      while (alive(pid)) await pause(LOOK_MS);
    } catch (error) {
      if (!["ECONNREFUSED", "ENOENT"].includes(error.code)) throw error;
    }
    this.receiver.closeAllConnections();
    this.receiver.close();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Asks over the socket, as the owner. */
  async api(method, path, body, headers = {}) {
    const { status, text } = await ask(
      join(this.env.GANGLINE_RUNTIME_DIR, "gangline.sock"),
      method,
      `/api/v1${path}`,
      body,
      headers,
    );
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** A link that lets one browser in. */
  async link(role) {
    return (await this.api("POST", "/login-links", role ? { role } : {})).url;
  }

  /** Adds a ticket; its key. */
  async add(title, body, more = {}) {
    return (await this.api("POST", "/projects/shop/tickets", { title, body, ...more })).key;
  }

  /** Has tickets proposed for a goal; the plan's key. */
  async plan(goal, more = {}) {
    return (await this.api("POST", "/projects/shop/plans", { goal, ...more })).key;
  }

  ticket(key) {
    return this.api("GET", `/projects/shop/tickets/${key}`);
  }

  act(key, verb, body) {
    return this.api("POST", `/projects/shop/tickets/${key}/${verb}`, body);
  }

  /** Ends every ticket, and gives the target back its first files: nothing is left for the next test. */
  async clear() {
    const { tickets } = await this.api("GET", "/tickets");
    for (const { key } of tickets) await this.act(key, "cancel");
    for (const { key } of tickets) await this.until(key, "cancelled");
    this.git("read-tree", "--reset", "-u", this.first);
    this.git("commit", "--quiet", "--allow-empty", "--message=As it was");
  }

  /** Wakes every suite and agent of this world that sleeps. */
  wake() {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        if (basename(words[0]) === "sleep" && words[1] === String(ASLEEP_S)) process.kill(Number(pid));
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Waits until the ticket is so; `meanwhile` is done at each look. */
  async until(key, holds, meanwhile = () => {}) {
    const wanted = typeof holds === "string" ? (ticket) => ticket.state === holds : holds;
    const end = Date.now() + PATIENCE_MS;
    let ticket;
    while (Date.now() < end) {
      meanwhile();
      ticket = await this.ticket(key);
      if (wanted(ticket)) return ticket;
      await pause(LOOK_MS);
    }
    throw new Error(
      `${key} is ${ticket.state}, ${JSON.stringify(ticket.wait)}, ${JSON.stringify(ticket.records)}`,
    );
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

function ask(socketPath, method, path, body, more) {
  return new Promise((done, fail) => {
    const headers = {
      "content-type": "application/json",
      host: "localhost",
      "gangline-person": "ann",
      ...more,
    };
    const asked = request({ socketPath, method, path, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => done({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
    });
    asked.on("error", fail);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Starts a program that ends with this one. */
export function beside(command, args, options) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  process.on("exit", () => child.kill());
  return child;
}
