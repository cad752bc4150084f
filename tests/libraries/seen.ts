/**
 * One library: the tested version, the bad tokens that it accepts by itself, and those that it accepts with the sample of
 * docs/libraries.md.
 */
export type Seen = { version: string; byItself: readonly string[]; withSample: readonly string[] }

const typ = ['typ JWT, as an ID token', 'no typ']
const cnf = 'bound to a key (cnf)'
const session = 'an ended session'
const most = ['another audience', 'another issuer', 'no exp', ...typ, cnf, session]

/** The results. docs/any-backend.md has the same results as a table. The names are those of the tokens in issuer.ts. */
export const seen = {
  'express-oauth2-jwt-bearer': { version: '1.10.0', byItself: [...typ, session], withSample: [] },
  'express-oauth2-jwt-bearer (option `strict`)': { version: '1.10.0', byItself: [session], withSample: [] },
  oauth4webapi: { version: '3.8.8', byItself: [session], withSample: [] },
  'passport-jwt with jwks-rsa': { version: '4.0.1, 4.1.0', byItself: most, withSample: [session] },
  'aws-jwt-verify': {
    version: '5.2.1',
    byItself: ['no exp', ...typ, cnf, session],
    withSample: [session],
  },
  'hono/jwk': {
    version: '4.13.19',
    byItself: most.filter((name) => !typ.includes(name)),
    withSample: [session],
  },
  '@fastify/jwt with get-jwks': {
    version: '10.2.8, 11.0.3',
    byItself: [...most.filter((name) => name !== 'another issuer'), 'the attacker’s own issuer'],
    withSample: [session],
  },
  PyJWT: {
    version: '2.6.0',
    byItself: most.filter((name) => name !== 'another audience'),
    withSample: [session],
  },
  Authlib: { version: '1.2.0', byItself: most, withSample: [session] },
  'ruby-jwt': { version: '2.5.0', byItself: most, withSample: [session] },
  'golang-jwt': { version: '4.4.3', byItself: most, withSample: [session] },
} satisfies Record<string, Seen>
