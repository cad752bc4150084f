/** The errors of this API. Each has a code, a status and a public sentence without personal data. */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request does not have the form that this endpoint accepts.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not support that method.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  invoice_not_voidable: {
    status: 409,
    title: 'An invoice that is paid cannot be voided. Refund it instead.',
  },
  idempotency_key_reused: {
    status: 409,
    title: 'This Idempotency-Key was already used for another request. Use a new key for a new invoice.',
  },
  payload_too_large: { status: 413, title: 'The body is larger than this endpoint accepts.' },
  unsupported_media_type: {
    status: 415,
    title: 'Send the body as application/json, in UTF-8 and not compressed.',
  },
  header_fields_too_large: { status: 431, title: 'The request headers are larger than this server accepts.' },
  internal_error: { status: 500, title: 'Something went wrong on our side.' },
  unavailable: { status: 503, title: 'The service cannot answer right now. Try again shortly.' },
} as const satisfies Record<string, { status: number; title: string }>

/** A stable error code. Clients may depend on it. */
export type ErrorCode = keyof typeof errorTable

/** A refused field, with a sentence for the user. */
export type FieldError = {
  /** The path of the field, such as `lines.0.quantity`. Empty if the error is about the whole request. */
  field: string
  message: string
}

/** A refusal. Its content becomes the response, so it is public. */
export class BillingError extends Error {
  readonly code: ErrorCode
  readonly errors: readonly FieldError[] | undefined

  constructor(code: ErrorCode, errors?: readonly FieldError[]) {
    super(errorTable[code].title)
    this.name = 'BillingError'
    this.code = code
    this.errors = errors
  }

  get status(): number {
    return errorTable[this.code].status
  }
}
