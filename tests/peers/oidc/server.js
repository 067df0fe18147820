// An identity provider with the login and consent forms that oidc-provider brings, for whoever types one of the names
// below. It is no part of what is tried: it only is what an office's provider would be.
//
//   node server.js PORT REDIRECT_URI     PORT 0 takes a free one; says "listening on http://127.0.0.1:…"
//
// Its keys are made anew at each start.

import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);

// Who types NAME is the person NAME, with these claims.
const PEOPLE = {
  grace: { email: "grace@example.com", email_verified: true, name: "Grace Hopper" },
  // Another person to whom the provider has given Grace's address since.
  "grace-anew": { email: "grace@example.com", email_verified: true, name: "Grace Brewster" },
  mallory: { email: "grace@example.com", email_verified: false, name: "Mallory" },
  ada: { email: "ada@newcomers.example", email_verified: true, name: "Ada Lovelace" },
  nobody: {},
};

const signingKey = () => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  kid: randomUUID(),
  use: "sig",
  alg: "RS256",
});

const server = createServer().listen(Number(port), "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: "vestibule", client_secret: "a secret + of Vestibule's", redirect_uris: [redirectUri] },
      { client_id: "another", client_secret: "another secret", redirect_uris: [redirectUri] },
    ],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // Many providers put the address into the token; the standard has a program ask for it (OpenID Connect Core §5.4).
    conformIdTokenClaims: process.env.CLAIMS_IN_TOKEN !== "yes",
    findAccount: (_, sub) => PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
  });
  server.on("request", provider.callback());
  console.log(`listening on ${issuer}`);
});
