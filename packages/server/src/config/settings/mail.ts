import { z } from 'zod'
import { flag, isSmtpUrl, pagesAddress } from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** The mail server, and what mails say. */
export const mailSettings = {
  productName: {
    env: 'SALLYPORT_PRODUCT_NAME',
    schema: z
      .string()
      .min(1)
      .max(60)
      .regex(
        /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u,
        'must be one line without control characters: it is part of the subjects of mails',
      )
      .default('Sallyport'),
    description: 'The name of your product, as shown in mails.',
  },
  appUrl: {
    env: 'SALLYPORT_APP_URL',
    schema: pagesAddress.optional(),
    description:
      'The address of your pages, for the links in mails: their origin, with `basePath` if Next has one (`https://example.com/app`). Default: the first of `SALLYPORT_ORIGINS` that is not a pattern.',
  },
  smtpUrl: {
    env: 'SALLYPORT_SMTP_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(
        isSmtpUrl,
        'must be the address of a mail server: smtps://user:password@host, or smtp:// with STARTTLS',
      )
      .optional(),
    secret: true,
    description:
      'The mail server: `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS. Not set: no mail is sent.',
  },
  mailFrom: {
    env: 'SALLYPORT_MAIL_FROM',
    schema: z
      .string()
      .regex(
        /^(?:[^<>@\r\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
        'must be an address: Billing <no-reply@example.com>',
      )
      .optional(),
    description: 'The sender of mails: `Billing <no-reply@example.com>`. Required with `SALLYPORT_SMTP_URL`.',
  },
  mailedSignIn: {
    env: 'SALLYPORT_MAILED_SIGN_IN',
    schema: z.enum(['off', 'on'], { error: 'must be off or on' }).default('off'),
    description:
      'Whether users can sign in with a [code or a link](mailed-sign-in.md) that is mailed to them (`on`). Anybody who can read the mails of a user can then sign in as this user, unless the user has a second factor. Needs `SALLYPORT_SMTP_URL`.',
  },
  developmentInbox: {
    env: 'SALLYPORT_DEVELOPMENT_INBOX',
    schema: flag.default(false),
    description: '`1`: this server shows mails to anybody instead of sending them. Refused in production.',
  },
} as const satisfies Record<string, Setting>
