import { z } from 'zod'

/** Direction marks, zero-width spaces and byte order marks: they are invisible, and can change how the text around them is displayed. */
const invisible = '\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF'
const invisibles = new RegExp(`[${invisible}]`, 'gu')

/** One line of text without control characters, lone surrogates, line separators and invisible marks. */
const printable = new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}${invisible}]*$`, 'u')

/** Returns a text from another system without invisible marks. */
export function withoutInvisible(text: string): string {
  return text.replace(invisibles, '')
}

/**
 * Parses an email address into its canonical form: not trimmed, lower case, an international domain in its ASCII form
 * (RFC 5891), so `max@bücher.example` and `max@xn--bcher-kva.example` are the same. Accepts what current mail servers accept: one `@`,
 * no quoted local part, no address literal, at most 254 characters.
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

/** Converts the domain with the URL parser (UTS 46), as browsers do. A domain that the parser refuses is returned as it is, and fails the pattern above. */
function withAsciiDomain(email: string): string {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (at === -1 || !/[^\p{ASCII}]/u.test(domain) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return email
  const url = `http://${domain}`
  return URL.canParse(url) ? `${email.slice(0, at)}@${new URL(url).hostname}` : email
}

/** A user's name: one line of 1 to 100 characters. */
export const nameSchema = z
  .string()
  .transform((name) => name.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Enter a name.')
      .max(100, 'A name has at most 100 characters.')
      .regex(printable, 'A name must be one line without control characters.'),
  )

/** Returns the schema of one line of text that a user has entered. */
export function lineSchema(maxLength: number) {
  return z
    .string({ error: ({ input }) => (input === undefined ? 'Fill this in.' : 'This must be text.') })
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1, 'Fill this in.')
        .max(maxLength, `This has at most ${maxLength} characters.`)
        .regex(printable, 'This must be one line without control characters.'),
    )
}

/** The value of a product's own user field. */
export const userFieldValueSchema = z.union([z.string(), z.number(), z.boolean()])
/** The value of one of a product’s own fields. */
export type UserFieldValue = z.infer<typeof userFieldValueSchema>

/** A user, as the API returns it to that user. */
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  /** Whether the user has verified this address by a mailed link. */
  emailVerified: z.boolean(),
  /** Milliseconds since 1970, UTC. */
  createdAt: z.number().int(),
  /** The product's own fields, by name; only if it has declared some (docs/your-server.md). */
  fields: z.record(z.string(), userFieldValueSchema).optional(),
})
/** The signed-in user. `createdAt` is in milliseconds since 1970, UTC; `fields` is there if the product has declared some (docs/your-server.md). */
export type User = z.infer<typeof userSchema>

/** The answer to `GET /api/user/profile`. */
export const profileResponseSchema = z.object({ user: userSchema })

/** The body of `PATCH /api/user/profile`. Unknown fields are refused. */
export const profileUpdateSchema = z.strictObject({ name: nameSchema })
/** The body of a change of profile, with a product's own fields, which the server validates. */
export type ProfileUpdate = {
  /** The new name, 1 to 100 characters. Default: unchanged. */
  name?: string | undefined
  /** New values of the product’s own fields. Null clears a field. */
  fields?: Readonly<Record<string, UserFieldValue | null>> | undefined
}
