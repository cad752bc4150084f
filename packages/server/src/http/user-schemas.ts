import { nameSchema, profileUpdateSchema, userFieldValueSchema, userSchema } from '@sallyport/protocol'
import {
  ownUserSchema,
  passkeySignUpMailRequestSchema,
  signUpRequestSchema,
} from '@sallyport/protocol/endpoints'
import { z } from 'zod'
import type { Config } from '../config/config.ts'

/** Converts a schema of the protocol to the schema of this server. The users of this server may have additional fields. */
export type WithUserFields = (schema: z.ZodType) => z.ZodType

const made = new WeakMap<Config['userFields'], WithUserFields>()

/** Returns the conversion for these settings. The conversion is cached, because the fields do not change while the server runs. */
export function withUserFields({ userFields }: Pick<Config, 'userFields'>): WithUserFields {
  const found = made.get(userFields) ?? make(userFields)
  made.set(userFields, found)
  return found
}

function make({ isEmpty, atSignUp, inProfile, inAnswers }: Config['userFields']): WithUserFields {
  const { fields: _, ...known } = userSchema.shape
  const replaced = new Map<z.ZodType, z.ZodType>([
    [userSchema, z.object(isEmpty ? known : { ...known, fields: inAnswers })],
    // The download also contains hidden fields. Their names are not in the schema, because the API reference may be public.
    [
      ownUserSchema,
      z.object(isEmpty ? known : { ...known, fields: z.record(z.string(), userFieldValueSchema) }),
    ],
  ])
  if (atSignUp !== null)
    for (const schema of [signUpRequestSchema, passkeySignUpMailRequestSchema])
      replaced.set(schema, schema.extend({ fields: atSignUp }))
  if (inProfile !== null)
    replaced.set(
      profileUpdateSchema,
      z
        .strictObject({ name: nameSchema.optional(), fields: inProfile.optional() })
        .refine(
          ({ name, fields }) => name !== undefined || fields !== undefined,
          'The request changes nothing: send a name or fields.',
        ),
    )

  function within(schema: z.ZodType): z.ZodType {
    const found = replaced.get(schema)
    if (found !== undefined) return found
    if (schema instanceof z.ZodUnion) {
      const options = schema.options.map((option) => within(option as z.ZodType))
      return options.some((option, at) => option !== schema.options[at]) ? z.union(options) : schema
    }
    if (!(schema instanceof z.ZodObject)) return schema
    const { user } = schema.shape as { user?: z.ZodType }
    return user !== undefined && within(user) !== user ? schema.extend({ user: within(user) }) : schema
  }
  return within
}
