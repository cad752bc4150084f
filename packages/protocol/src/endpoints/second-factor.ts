import { z } from 'zod'

/** The kinds of second factors. */
export const secondFactorSchema = z.enum(['totp'])
/** A kind of second factor. `totp` is an authenticator app (RFC 6238). */
export type SecondFactor = z.infer<typeof secondFactorSchema>

/**
 * The answer to a sign-in (202) that needs more than the first factor. `second_factor_required`: the user must prove one of the `factors`.
 * `second_factor_setup_required`: the user must set up one of the `factors`, because the server requires a second factor.
 */
export const pendingSignInSchema = z.object({
  status: z.enum(['second_factor_required', 'second_factor_setup_required']),
  factors: z.array(secondFactorSchema),
  /** Seconds for which the sign-in can be continued. */
  expiresIn: z.number().int().positive(),
  /** The secret by which the caller continues the sign-in. It is in the body only for `transport: "bearer"`, otherwise in a cookie. */
  pendingSignIn: z.string().optional(),
})
/** A sign-in that needs more than the first factor. `expiresIn` is in seconds. */
export type PendingSignInResponse = z.infer<typeof pendingSignInSchema>

/** The answer (202) of every endpoint that begins a session, if a second factor is missing. */
export const pendingAnswer = {
  description:
    'The first factor is right, and the user must now prove or set up a second factor. Nobody is signed in yet. With `transport: "bearer"` the body has `pendingSignIn`, otherwise a cookie has it.',
  schema: pendingSignInSchema,
} as const
