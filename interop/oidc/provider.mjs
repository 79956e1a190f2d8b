// An OpenID provider for tests: oidc-provider, which is certified, with people who sign in without being
// asked. Run in the folder in which npm installed it.
//
//   node provider.mjs '{"port": 0, "time": 1795392000000, "redirect": "…/sign-in/from/x", "home": "…/"}'
//
// It says its port on the first line. Each line that it reads is a JSON object of what changes, and is
// answered with a line:
//   who       the person who signs in from now on: {"sub", and any claims}
//   time      the present time by its clock
//   rotate    true: other keys from now on
//   lax       true: prompt=login and max_age are ignored
//   refuse    true: the person breaks it off
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(process.argv[2]);

// A clock of its own, as the node in the test has one.
const RealDate = Date;
let offset = settings.time - RealDate.now();
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length) super(...given);
    else super(RealDate.now() + offset);
  }
  static now() {
    return RealDate.now() + offset;
  }
};

const find = createRequire(process.cwd() + '/');
const load = (name) => import(pathToFileURL(find.resolve(name)).href);
const { default: Provider, interactionPolicy } = await load('oidc-provider');
const { Check } = interactionPolicy;
const { generateKeyPair, exportJWK } = await load('jose');

let who = { sub: 'nobody' };
let lax = false;
let refuse = false;
let generation = 0;
const people = new Map();

async function key() {
  const pair = await generateKeyPair('RS256', { extractable: true });
  generation += 1;
  return { ...(await exportJWK(pair.privateKey)), use: 'sig', alg: 'RS256', kid: `key-${generation}` };
}

function make(issuer, keys) {
  const policy = interactionPolicy.base();
  for (const check of policy.get('login').checks) {
    if (!['login_prompt', 'max_age'].includes(check.reason)) continue;
    const asks = check.check;
    check.check = (context) => (lax ? Check.NO_NEED_TO_PROMPT : asks(context));
  }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'kanae',
        client_secret: 'a secret of the test, long enough for everybody',
        redirect_uris: [settings.redirect],
        post_logout_redirect_uris: [settings.home],
      },
    ],
    jwks: { keys },
    cookies: { keys: ['only for tests'] },
    scopes: ['openid', 'profile', 'email', 'groups', 'corporate'],
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
      corporate: ['corporate_number'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => people.get(id) ?? { sub: id } }),
    // Nobody is asked for consent: this is a ministry's own provider.
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email groups corporate');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  return async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    const result = refuse ? { error: 'access_denied' } : { login: { accountId: who.sub } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
}

let handle;
const server = createServer((request, response) => {
  Promise.resolve(handle(request, response)).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
server.listen(settings.port, '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let keys = [await key()];
  handle = make(issuer, keys);
  console.log(server.address().port);
  for await (const line of createInterface({ input: process.stdin })) {
    const change = JSON.parse(line);
    if (change.who) {
      who = change.who;
      people.set(who.sub, who);
    }
    if (change.time) offset = change.time - RealDate.now();
    if (change.rotate) keys = [await key()];
    if ('lax' in change) lax = change.lax;
    if ('refuse' in change) refuse = change.refuse;
    if (change.rotate) handle = make(issuer, keys);
    console.log('{}');
  }
  // Whoever started it is gone.
  process.exit(0);
});
