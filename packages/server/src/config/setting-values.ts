import { faultOfOriginPattern, isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { faultOfCredential, faultOfSecret } from '@sallyport/protocol/secret'
import { parseTrustedProxyHops, trustedProxyHopsRule } from '@sallyport/protocol/trusted-proxy-hops'
import { z } from 'zod'

/** A whole number, or its decimal text as in an environment variable. `1e3`, `0x10` and an empty text are refused. */
export const whole = (fallback: number, least: number, most: number) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
      ],
      { error: 'must be a whole number' },
    )
    .refine(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .default(fallback)
/** The Next SDK parses its own setting with the same function. */
export const trustedProxyHops = z
  .union([z.number(), z.string()], { error: trustedProxyHopsRule })
  .transform((value, context) => {
    const hops = parseTrustedProxyHops(value)
    if (hops === null) context.addIssue(trustedProxyHopsRule)
    return hops ?? z.NEVER
  })
  .default(0)
export const base64 = z
  .string({ error: 'must be text' })
  .regex(/^[A-Za-z\d+/]{2,}={0,2}$/, 'must be base64, as Firebase shows it')
export const list = z
  .union([z.string(), z.array(z.string())], { error: 'must be a list, comma-separated' })
  .transform((value) =>
    (Array.isArray(value) ? value : value.split(',')).map((item) => item.trim()).filter(Boolean),
  )
const secret = z.string({ error: 'must be text' }).superRefine(sound(faultOfSecret))
/** A secret that callers send in a header. */
export const credential = z.string({ error: 'must be text' }).superRefine(sound(faultOfCredential))
/** The value with which an operator says that a list of credentials is empty on purpose. */
export const noCallers = 'none'
/** A list of secrets, so that a secret can be replaced. The value `none` gives an empty list. */
const several = (one: z.ZodType<string, string>) =>
  list.transform((items) => (items.length === 1 && items[0] === noCallers ? [] : items)).pipe(z.array(one))
export const secrets = several(secret)
export const credentials = several(credential)
/** The maximum number of secrets in the setting: the new secret and the secrets that it replaces. */
const maxSecrets = 3
/**
 * One secret that only the auth server uses. While the secret is being replaced, the value is the new secret and the old one, separated by
 * a comma. The old secret may be weak, because a weak secret is a reason for the replacement.
 */
export const rotatingSecret = z
  .union([z.string(), z.array(z.string())], { error: 'must be text' })
  .transform((value) => (typeof value === 'string' ? partsOf(value) : value))
  .pipe(
    z
      .array(z.string({ error: 'must be text' }))
      .min(1, 'is empty')
      .max(
        maxSecrets,
        `contains more than ${maxSecrets} secrets. A comma separates the new secret from the old one. Run sallyport secret reseal, and remove the old one`,
      )
      .refine((values) => new Set(values).size === values.length, 'contains the same secret twice')
      .superRefine(soundSecrets),
  )

/** A single secret is not trimmed, because earlier versions did not split the value at commas, and used every byte of it. */
function partsOf(text: string): string[] {
  return text.includes(',') ? text.split(',').map((part) => part.trim()) : [text]
}
/**
 * A client id as in RFC 6749 section 2.2. It must not be a UUID, because the ids of users are UUIDs, and `sub` and `client_id` must not be
 * confused (RFC 9068 section 5).
 */
export const clientId = z
  .string({ error: 'must be text' })
  .regex(/^[\w.~:/-]{1,64}$/, 'must be 1 to 64 letters, digits and any of _ . ~ : / -')
  .refine(
    (value) => !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
    'must not be a UUID: ids of users are UUIDs',
  )
export const origin = z
  .string({ error: 'must be text' })
  .refine(
    isSafeOrigin,
    'must be an https origin without a path or a trailing slash, such as https://auth.example.com, or http on localhost',
  )
/** The origin of the Next app, followed by its `basePath` if it has one. */
export const pagesAddress = z
  .string({ error: 'must be text' })
  .refine(
    isPagesAddress,
    'must be an https address without query, fragment or a trailing slash, such as https://app.example.com, or https://example.com/app for pages with basePath; or http on localhost',
  )
/** An origin, or a pattern that matches several origins. */
export const originOrPattern = z.string({ error: 'must be text' }).superRefine((value, context) => {
  if (!isOriginPattern(value)) {
    const { error } = origin.safeParse(value)
    if (error) context.addIssue({ code: 'custom', message: error.issues[0]?.message ?? 'is not valid' })
    return
  }
  const message = faultOfOriginPattern(value)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
/** A boolean, or `0` or `1` as in an environment variable. */
export const flag = z.union([z.boolean(), z.enum(['0', '1']).transform((value) => value === '1')])

function soundSecrets([newest = '', ...older]: string[], context: z.RefinementCtx): void {
  sound(faultOfSecret)(newest, context)
  for (const secret of older)
    if (secret.length < 32)
      context.addIssue({
        code: 'custom',
        message:
          'contains an old secret that is shorter than 32 characters. Such a secret was never accepted, so remove it',
      })
}

function sound(faultOf: (text: string) => string | null) {
  return (value: string, context: z.RefinementCtx) => {
    const message = faultOf(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  }
}

function isSafeOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (isOriginPattern(text)) return false
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
  return url.origin === text && isSafe
}

function isPagesAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, pathname } = new URL(text)
  const isCanonical = text === origin || (text === origin + pathname && !/\/$|\/\//.test(pathname))
  return isCanonical && isSafeOrigin(origin)
}

/** Returns whether a text is an https address, or an http address on localhost. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && isSafeOrigin(new URL(text).origin)
}

export function isSmtpUrl(text: string): boolean {
  return URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''
}

export function isPostgresUrl(text: string): boolean {
  // Without the two slashes, the driver would ignore the host and connect to a database on this machine.
  return URL.canParse(text) && /^postgres(?:ql)?:\/\//i.test(text)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
