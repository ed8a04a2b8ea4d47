// A real issuer of OpenID Connect, for tests: npm's oidc-provider, with a small team.
//
//   node issuer.mjs PORT REDIRECT_URI...
//
// Says `issuer URL` when it listens. Whoever types the name of somebody of the team is let in as them;
// the program `robot` is given JWTs for the audience `gangline-api` for its secret.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const LIBRARY =
  process.env.GANGLINE_OIDC_PROVIDER ??
  resolve(import.meta.dirname, "../../../target/agents/node_modules/oidc-provider/lib/index.js");
const { default: Provider } = await import(pathToFileURL(LIBRARY));

const [port, ...redirects] = process.argv.slice(2);
const AUDIENCE = "gangline-api";
const TEAM = {
  ann: { groups: ["admins"] },
  bob: { groups: ["engineers"] },
  eve: { groups: [] },
};

/** A key that was not there before: whoever starts this anew has other ones. */
function key(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg };
}

const server = createServer();
await new Promise((done) => server.listen(Number(port), "localhost", done));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "gangline",
      client_secret: "a secret: of gangline + others",
      redirect_uris: redirects,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
    {
      client_id: "robot",
      client_secret: "a secret of the robot",
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
    },
  ],
  jwks: {
    keys: [
      key("rsa", { modulusLength: 2048 }, "RS256"),
      key("ec", { namedCurve: "P-256" }, "ES256"),
      key("ed25519", {}, "EdDSA"),
    ],
  },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  cookies: { keys: [randomUUID()] },
  pkce: { required: () => true },
  findAccount: (_, id) =>
    TEAM[id] && {
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@example.org`, email_verified: true, ...TEAM[id] }),
    },
  extraTokenClaims: (_, token) =>
    token.kind === "ClientCredentials"
      ? { sub: token.clientId, groups: process.env.ROBOT_GROUPS?.split(",") ?? ["engineers"] }
      : undefined,
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client.clientId === "robot" ? `urn:${AUDIENCE}` : undefined),
      getResourceServerInfo: () => ({
        audience: AUDIENCE,
        scope: "",
        accessTokenTTL: 300,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: process.env.ACCESS_ALG ?? "RS256" } },
      }),
    },
  },
  ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 300, AccessToken: 300 },
});
server.on("request", provider.callback());
console.log(`issuer ${issuer}`);
