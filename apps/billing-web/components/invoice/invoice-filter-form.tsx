import { invoiceStatuses } from '../../billing/invoice.ts'
import type { InvoiceFilter } from '../../billing/invoice-filter.ts'
import { ApplyButton } from '../filter/apply-button.tsx'
import { ChoiceField } from '../filter/choice-field.tsx'
import { FilterForm } from '../filter/filter-form.tsx'
import { SearchField } from '../filter/search-field.tsx'

const statusChoices = [
  { value: '', label: 'All' },
  ...invoiceStatuses.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) })),
]

export function InvoiceFilterForm({ filter }: { filter: InvoiceFilter }) {
  const { search, status, customerId, from, to, sort } = filter
  const values = { search, status: status ?? '', from: from ?? '', to: to ?? '' }
  return (
    <FilterForm path="/invoices" label="Invoices" values={values}>
      {customerId && <input type="hidden" name="customerId" value={customerId} />}
      {sort !== '-issuedAt' && <input type="hidden" name="sort" value={sort} />}
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-3">
        <ChoiceField label="Status" name="status" value={values.status} choices={statusChoices} />
        <SearchField value={search} placeholder="Number, customer or email" />
        <div className="flex w-full items-center gap-2 sm:w-auto">
          <span aria-hidden className="text-soft">
            Issued
          </span>
          <DayField label="Issued from" name="from" value={values.from} />
          <span aria-hidden className="text-faint">
            –
          </span>
          <DayField label="Issued until" name="to" value={values.to} />
        </div>
        <ApplyButton />
      </div>
    </FilterForm>
  )
}

function DayField({ label, name, value }: { label: string; name: string; value: string }) {
  return (
    <label className="min-w-0 flex-1 sm:w-36 sm:flex-none">
      <span className="sr-only">{label}</span>
      <input type="date" name={name} defaultValue={value} className="field numeric" />
    </label>
  )
}
