import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createClient, given, Refused, Unreachable } from ".";

describe("the client", () => {
  it("needs nothing of the dashboard", () => {
    const files = readdirSync(import.meta.dirname).filter(
      (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
    );
    const named = files.flatMap((name) => [
      ...readFileSync(join(import.meta.dirname, name), "utf8").matchAll(/ from "([^"]+)"/g),
    ]);
    const strange = named
      .map((found) => found[1] ?? "")
      .filter((from) => !/^\.\/[\w-]+$/.test(from) && from !== "openapi-fetch");
    expect(strange).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
  });

  it("sends a wish whose answer got lost again, under the same key", async () => {
    const keys: (string | null)[] = [];
    const fetch = async (request: Request) => {
      keys.push(request.headers.get("idempotency-key"));
      if (keys.length < 3) throw new TypeError("reset");
      return Response.json({ seq: 7 });
    };
    const client = createClient({ baseUrl: "http://daemon", token: "gl_x", fetch });
    const params = { path: { project: "shop", key: "SHOP-1" } };
    const done = await given(client.POST("/api/v1/projects/{project}/tickets/{key}/hold", { params }));
    expect(done.seq).toBe(7);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
  });

  it("asks for what changes nothing only once, and says that nobody answered", async () => {
    let asked = 0;
    const fetch = async () => {
      asked += 1;
      throw new TypeError("refused");
    };
    await expect(
      given(createClient({ baseUrl: "http://daemon", fetch }).GET("/api/v1/status")),
    ).rejects.toThrow(Unreachable);
    expect(asked).toBe(1);
  });

  it("throws what is refused, with its code", async () => {
    const problem = {
      type: "t",
      code: "stale_commit",
      status: 409,
      title: "t",
      detail: "another commit",
      hint: "look again",
    };
    const fetch = async () => Response.json(problem, { status: 409 });
    const refused = given(createClient({ baseUrl: "http://daemon", fetch }).GET("/api/v1/status"));
    await expect(refused).rejects.toMatchObject({ code: "stale_commit", message: "another commit" });
    await expect(refused).rejects.toBeInstanceOf(Refused);
    const proxy = async () => new Response("<html>bad gateway</html>", { status: 502 });
    await expect(
      given(createClient({ baseUrl: "http://daemon", fetch: proxy }).GET("/api/v1/status")),
    ).rejects.toMatchObject({ code: "unknown" });
  });
});
