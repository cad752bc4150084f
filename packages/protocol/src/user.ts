import { z } from 'zod'

/** Direction marks, zero-width spaces and byte order marks. They are invisible, and can change how the text around them is displayed. */
const invisible = '\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF'
const invisibles = new RegExp(`[${invisible}]`, 'gu')

/** Matches one line of text that contains no control characters, lone surrogates, line separators or invisible marks. */
const printable = new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}${invisible}]*$`, 'u')

/** Removes the invisible marks from a text of another system. */
export function withoutInvisible(text: string): string {
  return text.replace(invisibles, '')
}

/**
 * Parses an email address into its canonical form. The form is lower case, and an international domain is in its ASCII form (RFC 5891). So
 * `max@bücher.example` and `max@xn--bcher-kva.example` are the same address. An address must have one `@` and at most 254 characters.
 * Quoted local parts and address literals are refused, because current mail servers refuse them too. An address with spaces around it is
 * refused.
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

/**
 * Converts the domain to ASCII with the URL parser (UTS 46), as browsers do. If the parser refuses the domain, the address is returned
 * unchanged, and `emailSchema` refuses it.
 */
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

/** The value of a user field that your app has added. */
export const userFieldValueSchema = z.union([z.string(), z.number(), z.boolean()])
/** The value of a user field that your app has added. */
export type UserFieldValue = z.infer<typeof userFieldValueSchema>

/** A user, in the form that the API returns to this user. */
export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  /** Whether the user has verified this address with a mailed link. */
  emailVerified: z.boolean(),
  /** When the account was created, in milliseconds since 1970, UTC. */
  createdAt: z.number().int(),
  /** The user fields that your app has added, by name. Missing if the app has added none (docs/your-server.md). */
  fields: z.record(z.string(), userFieldValueSchema).optional(),
})
/**
 * The signed-in user. `createdAt` is in milliseconds since 1970, UTC. `fields` contains the user fields that your app has added. It is
 * missing if the app has added none (docs/your-server.md).
 */
export type User = z.infer<typeof userSchema>

/** The answer to `GET /api/user/profile`. */
export const profileResponseSchema = z.object({ user: userSchema })

/** The body of `PATCH /api/user/profile`. Unknown fields are refused. */
export const profileUpdateSchema = z.strictObject({ name: nameSchema })
/** The body of a profile change. It may contain user fields that your app has added. The server validates their values. */
export type ProfileUpdate = {
  /** The new name, 1 to 100 characters. Default: unchanged. */
  name?: string | undefined
  /** New values of the user fields that your app has added, by name. Null clears a field. */
  fields?: Readonly<Record<string, UserFieldValue | null>> | undefined
}
