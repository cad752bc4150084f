import { faultOfOriginPattern, isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { faultOfCredential, faultOfSecret } from '@sallyport/protocol/secret'
import { parseTrustedProxyHops, trustedProxyHopsRule } from '@sallyport/protocol/trusted-proxy-hops'
import { z } from 'zod'

/** A whole number, also as the decimal text that an environment holds; `1e3`, `0x10` and an empty text are none. */
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
/** Read as the SDK reads it. */
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
/** One that callers send in a header. */
export const credential = z.string({ error: 'must be text' }).superRefine(sound(faultOfCredential))
/** The word that says: there are no such callers, and this is meant. */
export const noCallers = 'none'
/** Several, while they are rotated; or the word for none. */
const several = (one: z.ZodType<string, string>) =>
  list.transform((items) => (items.length === 1 && items[0] === noCallers ? [] : items)).pipe(z.array(one))
export const secrets = several(secret)
export const credentials = several(credential)
/** Most secrets that are in force at once: one that makes new things, and what it replaces. */
const maxSecrets = 3
/**
 * One secret that never leaves this process; or, while it is replaced, the new one and the old one, comma-separated. The old one may be
 * weak: that is a reason to replace it.
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
        `holds more than ${maxSecrets} secrets: a comma separates the new secret from the old one. Run sallyport secret reseal, and remove the old one`,
      )
      .refine((values) => new Set(values).size === values.length, 'holds the same secret twice')
      .superRefine(soundSecrets),
  )

/** A single secret is taken as it stands, so that one which was accepted before commas had a meaning stays the same to the byte. */
function partsOf(text: string): string[] {
  return text.includes(',') ? text.split(',').map((part) => part.trim()) : [text]
}
/** As in RFC 6749 section 2.2, but never of the form of a user's id: `sub` and `client_id` must not be confused (RFC 9068 section 5). */
export const clientId = z
  .string({ error: 'must be text' })
  .regex(/^[\w.~:/-]{1,64}$/, 'must be 1 to 64 letters, digits and any of _ . ~ : / -')
  .refine(
    (value) => !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
    'must not be a UUID: ids of users are',
  )
export const origin = z
  .string({ error: 'must be text' })
  .refine(
    isSafeOrigin,
    'must be an https origin without a path or a trailing slash, such as https://auth.example.com, or http on localhost',
  )
/** An origin, and the `basePath` of the Next app there. */
export const pagesAddress = z
  .string({ error: 'must be text' })
  .refine(
    isPagesAddress,
    'must be an https address without query, fragment or a trailing slash, such as https://app.example.com, or https://example.com/app for pages with basePath; or http on localhost',
  )
/** An origin, or a pattern of several. */
export const originOrPattern = z.string({ error: 'must be text' }).superRefine((value, context) => {
  if (!isOriginPattern(value)) {
    const { error } = origin.safeParse(value)
    if (error) context.addIssue({ code: 'custom', message: error.issues[0]?.message ?? 'is not valid' })
    return
  }
  const message = faultOfOriginPattern(value)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
/** Also as an environment holds it. */
export const flag = z.union([z.boolean(), z.enum(['0', '1']).transform((value) => value === '1')])

function soundSecrets([newest = '', ...older]: string[], context: z.RefinementCtx): void {
  sound(faultOfSecret)(newest, context)
  for (const secret of older)
    if (secret.length < 32)
      context.addIssue({
        code: 'custom',
        message: 'holds an old secret that is shorter than 32 characters: it never was in force',
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
  const isLocal = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (isOriginPattern(text)) return false
  return url.origin === text && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))
}

function isPagesAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, pathname } = new URL(text)
  const isCanonical = text === origin || (text === origin + pathname && !/\/$|\/\//.test(pathname))
  return isCanonical && isSafeOrigin(origin)
}

/** Also plain http on the machine itself. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && isSafeOrigin(new URL(text).origin)
}

export function isSmtpUrl(text: string): boolean {
  return URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''
}

export function isPostgresUrl(text: string): boolean {
  // Without the slashes it would be read in a form of its own, and lead to a database of this machine.
  return URL.canParse(text) && /^postgres(?:ql)?:\/\//i.test(text)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
