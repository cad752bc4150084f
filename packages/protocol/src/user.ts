import { z } from 'zod'

/** Direction marks, zero-width spaces and byte order marks: they cannot be seen, and change what stands around them. */
const invisible = '\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF'
const invisibles = new RegExp(`[${invisible}]`, 'gu')

/** Lone surrogates, control characters and the like never belong in a line of text. */
const printable = new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}${invisible}]*$`, 'u')

/** A text of another system without the marks that cannot be seen. */
export function withoutInvisible(text: string): string {
  return text.replace(invisibles, '')
}

/**
 * An email address as the person typed it, made canonical: trimmed of nothing, lower case, an international domain in its ASCII form
 * (RFC 5891): `max@bücher.example` and `max@xn--bcher-kva.example` are one. One `@`, no quoted local part, no address literal, at most
 * 254 characters: what a mail server of today accepts.
 */
export const emailSchema = z
  .string()
  .max(254, 'An email address has at most 254 characters.')
  .transform(withAsciiDomain)
  .pipe(
    z
      .string()
      .max(254, 'An email address has at most 254 characters.')
      .regex(
        /^[a-zA-Z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])$/,
        'Enter an email address, such as name@example.com.',
      )
      .refine((email) => !/^\.|\.\.|\.@/.test(email), 'Enter an email address, such as name@example.com.')
      .transform((email) => email.toLowerCase()),
  )

/** By the URL parser, which browsers and servers share: it converts hosts by UTS 46. What it does not take is left for the rule above. */
function withAsciiDomain(email: string): string {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (at === -1 || !/[^\p{ASCII}]/u.test(domain) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return email
  const url = `http://${domain}`
  return URL.canParse(url) ? `${email.slice(0, at)}@${new URL(url).hostname}` : email
}

/** A name that a person gave; 1 to 100 characters, one line. */
export const nameSchema = z
  .string()
  .transform((name) => name.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Enter a name.')
      .max(100, 'A name has at most 100 characters.')
      .regex(printable, 'A name is one line without control characters.'),
  )

/** One line of text that a person gave. */
export function lineSchema(maxLength: number) {
  return z
    .string({ error: ({ input }) => (input === undefined ? 'Fill this in.' : 'This must be text.') })
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1, 'Fill this in.')
        .max(maxLength, `This has at most ${maxLength} characters.`)
        .regex(printable, 'This is one line without control characters.'),
    )
}

/** What a field holds that a product has given its users. */
export const userFieldValueSchema = z.union([z.string(), z.number(), z.boolean()])
/** The value of one of a product’s own fields. */
export type UserFieldValue = z.infer<typeof userFieldValueSchema>

/** A user as the API shows it to that same user. */
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  /** Whether they have shown that they read mail at this address. */
  emailVerified: z.boolean(),
  /** Milliseconds since 1970, UTC. */
  createdAt: z.number().int(),
  /** The product's own fields, by name; only where it has declared some (docs/your-server.md). */
  fields: z.record(z.string(), userFieldValueSchema).optional(),
})
/** A user as they see themselves. `createdAt` is in milliseconds since 1970, UTC; `fields` is there if the product has declared some (docs/your-server.md). */
export type User = z.infer<typeof userSchema>

/** `GET /api/user/profile` answers this. */
export const profileResponseSchema = z.object({ user: userSchema })

/** `PATCH /api/user/profile` takes this; unknown fields are refused. */
export const profileUpdateSchema = z.strictObject({ name: nameSchema })
/** The same with a product's own fields, of which null clears one; the server judges them. */
export type ProfileUpdate = {
  /** The new name; 1 to 100 characters. Left out, it stays. */
  name?: string | undefined
  /** New values of the product’s own fields; null clears one. */
  fields?: Readonly<Record<string, UserFieldValue | null>> | undefined
}
