import {
  nameSchema,
  type ProfileUpdate,
  profileUpdateSchema,
  registerRequestSchema,
  userFieldValueSchema,
  userSchema,
} from '@sallyport/protocol'
import { z } from 'zod'
import type { Config } from '../config/config.ts'

/** The schemas that a product's own fields change, by the configuration that declares them. */
export type UserSchemas = ReturnType<typeof makeUserSchemas>

const made = new WeakMap<Config['userFields'], UserSchemas>()

/** Made once: nothing of it changes while the server runs. */
export function userSchemasOf({ userFields }: Pick<Config, 'userFields'>): UserSchemas {
  const found = made.get(userFields) ?? makeUserSchemas(userFields)
  made.set(userFields, found)
  return found
}

function makeUserSchemas({ isEmpty, atSignUp, inProfile, inAnswers }: Config['userFields']) {
  const { fields: _, ...known } = userSchema.shape
  return {
    /** A user in an answer. */
    user: z.object(isEmpty ? known : { ...known, fields: inAnswers }),
    /** The same in the download of one's data, with hidden fields: without names, for the reference may be public. */
    ownUser: z.object(isEmpty ? known : { ...known, fields: z.record(z.string(), userFieldValueSchema) }),
    register: atSignUp === null ? registerRequestSchema : registerRequestSchema.extend({ fields: atSignUp }),
    profileUpdate:
      inProfile === null
        ? (profileUpdateSchema as z.ZodType<ProfileUpdate>)
        : z
            .strictObject({ name: nameSchema.optional(), fields: inProfile.optional() })
            .refine(
              ({ name, fields }) => name !== undefined || fields !== undefined,
              'Nothing is to be changed.',
            ),
  }
}
