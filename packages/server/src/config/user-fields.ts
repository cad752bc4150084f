import { lineSchema, type UserFieldValue } from '@sallyport/protocol'
import { z } from 'zod'

type FieldRules = {
  /** Whether a sign-up must set the field. If true, `writable` must contain `sign-up`. Default: false. */
  required?: boolean
  /** Where users can set the field themselves. Operators can always set it. Default: nowhere. */
  writable?: readonly ('sign-up' | 'profile')[]
  /**
   * If true, the field is left out of every `user` in responses to the user. The download of the user's data still contains the field.
   * Default: false.
   */
  hidden?: boolean
}

/** One field that the app adds to each user. */
export type UserField =
  /** One line of text. `maxLength` is in characters, 1 to 2,000, default 200. */
  | (FieldRules & { type: 'text'; maxLength?: number })
  | (FieldRules & { type: 'number'; min?: number; max?: number; integer?: boolean })
  | (FieldRules & { type: 'boolean' })

/** The values of one user's fields, by name. */
export type UserFieldValues = Readonly<Record<string, UserFieldValue>>

/** The declared fields: schemas for their values, and functions that filter stored values. */
export type UserFields = {
  /** True if the app declares no field. In this case, no request and no response contains fields. */
  isEmpty: boolean
  /** The fields that a sign-up may set. Null if there are none. */
  atSignUp: z.ZodType<Record<string, UserFieldValue>> | null
  /** The fields that a change of the profile may set. A field whose value is null is cleared. Null if there are no such fields. */
  inProfile: z.ZodType<Record<string, UserFieldValue | null>> | null
  /** The fields that an operator may set. */
  byOperator: z.ZodType<Record<string, UserFieldValue | null>>
  /** The fields in the `user` of a response. */
  inAnswers: z.ZodType<Record<string, UserFieldValue>>
  /**
   * Returns the stored values of declared fields. Values of fields that are no longer declared, or that have another type now, are left
   * out.
   */
  known(stored: UserFieldValues): UserFieldValues
  /** Returns the same values as `known`, but without hidden fields. */
  visible(stored: UserFieldValues): UserFieldValues
}

/** The maximum number of fields. The number is limited because every request that reads a user reads all fields. */
const maxFields = 32

/**
 * Checks the declaration of the fields.
 *
 * @throws TypeError with one line for each wrong declaration.
 */
export function readUserFields(declared: Readonly<Record<string, UserField>> = {}): UserFields {
  const entries = Object.entries(declared)
  const complaints = entries.flatMap(([name, field]) => complaintsAbout(name, field))
  if (entries.length > maxFields) complaints.push(`userFields: At most ${maxFields} fields can be declared.`)
  if (complaints.length > 0) throw new TypeError(complaints.join('\n'))
  const at = (place: 'sign-up' | 'profile') => entries.filter(([, { writable }]) => writable?.includes(place))
  const signUp = at('sign-up')
  const profile = at('profile')
  const shown = entries.filter(([, { hidden }]) => !hidden)
  /**
   * Whether a value is stored and has the declared type. A value of another type was stored under an earlier declaration, and is not
   * returned.
   */
  const holds = (name: string, stored: UserFieldValues) =>
    Object.hasOwn(stored, name) && typeof stored[name] === primitiveOf[declared[name]?.type ?? 'text']
  const only = (names: readonly string[], stored: UserFieldValues) =>
    Object.fromEntries(
      names.flatMap((name) => (holds(name, stored) ? [[name, stored[name] as UserFieldValue]] : [])),
    )
  return {
    isEmpty: entries.length === 0,
    // If `fields` is missing, it counts as an empty object, so that the error contains the name of the required field.
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
  // Every object inherits names such as `constructor`. A user field with such a name would seem to be set although it has no value.
  if (!/^[a-z][A-Za-z\d]{0,39}$/.test(name) || name in Object.prototype)
    return say(
      'The name must begin with a small letter, must have at most 40 letters and digits, and must not be a name that every object has, such as constructor.',
    )
  if (typeof field !== 'object' || field === null || !Object.hasOwn(members, field.type))
    return say('type must be text, number or boolean.')
  const known = ['type', 'required', 'writable', 'hidden', ...members[field.type]]
  const unknown = Object.keys(field).filter((member) => !known.includes(member))
  if (unknown.length > 0) return say(`A field of this type must not have ${unknown.join(', ')}.`)
  const { writable = [], required = false } = field
  if (!Array.isArray(writable) || writable.some((place) => place !== 'sign-up' && place !== 'profile'))
    return say("writable must be a list that contains only 'sign-up' and 'profile'.")
  if (required && !writable.includes('sign-up'))
    return say("A required field must be writable at sign-up: add writable: ['sign-up'].")
  const { maxLength = 1 } = field as { maxLength?: number }
  if (!Number.isInteger(maxLength) || maxLength < 1 || maxLength > 2_000)
    return say('maxLength must be a whole number from 1 to 2000.')
  const { min, max } = field as { min?: number; max?: number }
  const [least = 0, most = least] = [min, max].filter((bound) => bound !== undefined)
  if (!Number.isFinite(least) || !Number.isFinite(most) || least > most)
    return say('min and max must be numbers, and min must not be greater than max.')
  return []
}
