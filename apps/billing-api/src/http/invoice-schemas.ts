import { z } from 'zod'
import { amountOf, largestAmount } from '../invoices/create.ts'
import { invoiceSorts } from '../invoices/filter.ts'
import { invoiceStatuses } from '../invoices/invoice.ts'
import { day, id, line, lines, pageField, pageSizeField, searchField } from './fields.ts'

const filterFields = {
  search: searchField,
  status: z.enum(invoiceStatuses, `Give one of ${invoiceStatuses.join(', ')}.`).optional(),
  customerId: id('cus', 'Give the id of a customer.').optional(),
  from: day.optional(),
  to: day.optional(),
  sort: z.enum(invoiceSorts, `Give one of ${invoiceSorts.join(', ')}.`).default('-issuedAt'),
}
const inOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || from <= to
const notInOrder = { path: ['to'], message: 'The last day is before the first day.' }

/** The query of `GET /invoices`. */
export const invoiceListQuery = z
  .strictObject({ ...filterFields, page: pageField, pageSize: pageSizeField })
  .refine(inOrder, notInOrder)

/** The query of `GET /invoices.csv`: the same filters, without pages. */
export const invoiceExportQuery = z.strictObject(filterFields).refine(inOrder, notInOrder)

const quantity = z.int('Give a whole number.').min(1, 'Give at least 1.').max(10_000, 'Give at most 10,000.')
const unitAmount = z
  .int('Give the price in whole cents.')
  .min(0, 'A price is not negative.')
  .max(100_000_000, 'A price is at most 1,000,000.00.')

const newLine = z.strictObject(
  { description: line(200).pipe(z.string().min(1, 'Enter a description.')), quantity, unitAmount },
  'Give a description, a quantity and a price.',
)

/** The body of `POST /invoices`. */
export const newInvoiceBody = z.strictObject(
  {
    customerId: id('cus', 'Choose a customer.'),
    dueInDays: z
      .int('Give a whole number of days.')
      .min(0, 'Give 0 days or more.')
      .max(365, 'Give at most 365 days.')
      .default(30),
    notes: lines(2_000).default(''),
    lines: z
      .array(newLine, 'Give the lines of the invoice.')
      .min(1, 'An invoice has at least one line.')
      .max(50, 'An invoice has at most 50 lines.')
      // The sum is checked last, because it can be computed only if all lines are valid.
      .pipe(
        z
          .custom<z.output<typeof newLine>[]>()
          .refine((all) => amountOf(all) >= 1, 'The total of the invoice is 0.')
          .refine((all) => amountOf(all) <= largestAmount, 'An invoice amounts to at most 10,000,000.00.'),
      ),
  },
  'Send the invoice as a JSON object.',
)

/** The body of `POST /invoices/:id/void`: empty, or an empty object. */
export const voidInvoiceBody = z.strictObject({}, 'Send an empty JSON object, or nothing.').optional()

/**
 * The `Idempotency-Key` header. Blanks and commas are refused, because Node joins the values with `, ` if a request has this header twice.
 */
export const idempotencyKey = z
  .string()
  .regex(/^(?:(?!,)[\x21-\x7e]){1,128}$/, 'An Idempotency-Key has 1 to 128 visible ASCII characters.')
