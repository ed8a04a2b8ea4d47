// A push service, and the browser's half of its keys: RFC 8291 read by nothing but Node's own arithmetic.

import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { createServer } from "node:http";

const encoded = (bytes) => Buffer.from(bytes).toString("base64url");

export class Pushes {
  /** A service on this machine, with the keys of one browser. */
  static async begin() {
    const pushes = new Pushes();
    pushes.got = [];
    pushes.key = createECDH("prime256v1");
    pushes.key.generateKeys();
    pushes.secret = randomBytes(16);
    pushes.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        pushes.got.push({ headers: request.headers, body: Buffer.concat(parts) });
        response.writeHead(201).end();
      });
    });
    await new Promise((done) => pushes.server.listen(0, "127.0.0.1", done));
    return pushes;
  }

  end() {
    this.server.closeAllConnections();
    this.server.close();
  }

  get origin() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  /** What the browser tells the page of its subscription. */
  get subscription() {
    const keys = { p256dh: encoded(this.key.getPublicKey()), auth: encoded(this.secret) };
    return { endpoint: `${this.origin}/send/${encoded(this.secret)}`, keys };
  }

  /** The messages, as the browser reads them. */
  messages() {
    return this.got.map(({ body }) => this.read(body));
  }

  read(body) {
    const [salt, size, length] = [body.subarray(0, 16), body.readUInt32BE(16), body[20]];
    const [theirs, sealed] = [body.subarray(21, 21 + length), body.subarray(21 + length)];
    if (sealed.length > size) throw new Error(`${sealed.length} bytes in a record of ${size}`);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.key.getPublicKey(), theirs]);
    const secret = hkdfSync("sha256", this.key.computeSecret(theirs), this.secret, info, 32);
    const derived = (what, bytes) =>
      Buffer.from(hkdfSync("sha256", secret, salt, `Content-Encoding: ${what}\0`, bytes));
    const decipher = createDecipheriv("aes-128-gcm", derived("aes128gcm", 16), derived("nonce", 12));
    decipher.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    const end = text.findLastIndex((byte) => byte !== 0);
    if (text[end] !== 2) throw new Error("it is not the last record");
    return JSON.parse(text.subarray(0, end).toString());
  }

  /** What the sender says of itself in a call, when its signature is its own and the page's key is its. */
  claims({ headers }, publicKey) {
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization) ?? [];
    if (key !== publicKey) throw new Error(`another key: ${key}`);
    const point = Buffer.from(key, "base64url");
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(encoded);
    const jwk = { kty: "EC", crv: "P-256", x, y };
    const by = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
    const [header, claims, signature] = token.split(".");
    const signed = Buffer.from(`${header}.${claims}`);
    if (!verify("sha256", signed, by, Buffer.from(signature, "base64url"))) throw new Error("forged");
    return JSON.parse(Buffer.from(claims, "base64url").toString());
  }
}
