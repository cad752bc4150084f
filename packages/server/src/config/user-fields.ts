import { lineSchema, type UserFieldValue } from '@sallyport/protocol'
import { z } from 'zod'

type FieldRules = {
  /** Whether the field is required at sign-up; needs `sign-up` in `writable`. Default false. */
  required?: boolean
  /** Where users set the field themselves. Operators can always set it. Default: nowhere. */
  writable?: readonly ('sign-up' | 'profile')[]
  /** `true` leaves the field out of every `user` that is returned to the user; the download of their data still has it. Default false. */
  hidden?: boolean
}

/** One field that the product adds to each user. */
export type UserField =
  /** One line of text; `maxLength` in characters, 1 to 2,000, default 200. */
  | (FieldRules & { type: 'text'; maxLength?: number })
  | (FieldRules & { type: 'number'; min?: number; max?: number; integer?: boolean })
  | (FieldRules & { type: 'boolean' })

/** The values of one user, by name. */
export type UserFieldValues = Readonly<Record<string, UserFieldValue>>

/** The declared fields: their schemas, and how stored values are filtered. */
export type UserFields = {
  /** True if no field is declared: then no request and no response has fields. */
  isEmpty: boolean
  /** What a sign-up may set; null if nothing. */
  atSignUp: z.ZodType<Record<string, UserFieldValue>> | null
  /** What a change of the profile may set; a null value clears a field. Null if nothing. */
  inProfile: z.ZodType<Record<string, UserFieldValue | null>> | null
  /** What an operator may set. */
  byOperator: z.ZodType<Record<string, UserFieldValue | null>>
  /** What `user` in a response holds. */
  inAnswers: z.ZodType<Record<string, UserFieldValue>>
  /** Returns the stored values of declared fields. Values of removed fields and of another type are left out. */
  known(stored: UserFieldValues): UserFieldValues
  /** Returns those of them that are not hidden from the user. */
  visible(stored: UserFieldValues): UserFieldValues
}

/** A limit, because every request that reads a user reads all fields. */
const maxFields = 32

/**
 * Checks a declaration of fields.
 *
 * @throws TypeError with one line for each that is wrong.
 */
export function readUserFields(declared: Readonly<Record<string, UserField>> = {}): UserFields {
  const entries = Object.entries(declared)
  const complaints = entries.flatMap(([name, field]) => complaintsAbout(name, field))
  if (entries.length > maxFields) complaints.push(`userFields: at most ${maxFields} can be declared.`)
  if (complaints.length > 0) throw new TypeError(complaints.join('\n'))
  const at = (place: 'sign-up' | 'profile') => entries.filter(([, { writable }]) => writable?.includes(place))
  const signUp = at('sign-up')
  const profile = at('profile')
  const shown = entries.filter(([, { hidden }]) => !hidden)
  /** A value of another type was stored under an earlier declaration and is not returned. */
  const holds = (name: string, stored: UserFieldValues) =>
    Object.hasOwn(stored, name) && typeof stored[name] === primitiveOf[declared[name]?.type ?? 'text']
  const only = (names: readonly string[], stored: UserFieldValues) =>
    Object.fromEntries(
      names.flatMap((name) => (holds(name, stored) ? [[name, stored[name] as UserFieldValue]] : [])),
    )
  return {
    isEmpty: entries.length === 0,
    // A missing `fields` counts as an empty object, so that the error names the required field.
    atSignUp: signUp.length === 0 ? null : objectOf<UserFieldValue>(signUp, asGiven).prefault({}),
    inProfile: profile.length === 0 ? null : objectOf(profile, asChanged),
    byOperator: objectOf(entries, (field) => schemaOf(field).nullable().optional()),
    inAnswers: objectOf(shown, (field) => answered[field.type].optional()),
    known: (stored) =>
      only(
        entries.map(([name]) => name),
        stored,
      ),
    visible: (stored) =>
      only(
        shown.map(([name]) => name),
        stored,
      ),
  }
}

const answered = { text: z.string(), number: z.number(), boolean: z.boolean() }

function objectOf<T>(
  entries: readonly (readonly [string, UserField])[],
  schema: (field: UserField) => z.ZodType,
): z.ZodType<Record<string, T>> {
  const shape = Object.fromEntries(entries.map(([name, field]) => [name, schema(field)]))
  return z.strictObject(shape) as unknown as z.ZodType<Record<string, T>>
}

function asGiven(field: UserField): z.ZodType {
  return field.required ? schemaOf(field) : schemaOf(field).optional()
}

/** A required field can be changed but not cleared. */
function asChanged(field: UserField): z.ZodType {
  return field.required ? schemaOf(field).optional() : schemaOf(field).nullable().optional()
}

function schemaOf(field: UserField): z.ZodType<UserFieldValue> {
  const missing =
    (otherwise: string) =>
    ({ input }: { input?: unknown }) =>
      input === undefined ? 'Fill this in.' : otherwise
  if (field.type === 'text') return lineSchema(field.maxLength ?? 200)
  if (field.type === 'boolean') return z.boolean({ error: missing('This must be true or false.') })
  const { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, integer = false } = field
  const number = z
    .number({ error: missing('This must be a number.') })
    .min(min, `This must be at least ${min}.`)
    .max(max, `This must be at most ${max}.`)
  return integer ? number.refine(Number.isInteger, 'This must be a whole number.') : number
}

const primitiveOf = { text: 'string', number: 'number', boolean: 'boolean' } as const

const members: Record<UserField['type'], readonly string[]> = {
  text: ['maxLength'],
  number: ['min', 'max', 'integer'],
  boolean: [],
}

function complaintsAbout(name: string, field: UserField): string[] {
  const say = (what: string) => [`userFields.${name}: ${what}`]
  // Every object inherits names such as `constructor`, even if no value is set.
  if (!/^[a-z][A-Za-z\d]{0,39}$/.test(name) || name in Object.prototype)
    return say('A name has letters and digits, begins with a small letter and has at most 40 characters.')
  if (typeof field !== 'object' || field === null || !Object.hasOwn(members, field.type))
    return say('The type is text, number or boolean.')
  const known = ['type', 'required', 'writable', 'hidden', ...members[field.type]]
  const unknown = Object.keys(field).filter((member) => !known.includes(member))
  if (unknown.length > 0) return say(`There is no ${unknown.join(', ')} for a field of this type.`)
  const { writable = [], required = false } = field
  if (!Array.isArray(writable) || writable.some((place) => place !== 'sign-up' && place !== 'profile'))
    return say("writable is a list of 'sign-up' and 'profile'.")
  if (required && !writable.includes('sign-up'))
    return say("A required field must be writable at sign-up: add writable: ['sign-up'].")
  const { maxLength = 1 } = field as { maxLength?: number }
  if (!Number.isInteger(maxLength) || maxLength < 1 || maxLength > 2_000)
    return say('maxLength is a whole number from 1 to 2000.')
  const { min, max } = field as { min?: number; max?: number }
  const [least = 0, most = least] = [min, max].filter((bound) => bound !== undefined)
  if (!Number.isFinite(least) || !Number.isFinite(most) || least > most)
    return say('min and max are numbers, in this order.')
  return []
}
