import type { Plan } from '../../billing/customer.ts'
import type { CustomerFilter } from '../../billing/customer-filter.ts'
import { ApplyButton } from '../filter/apply-button.tsx'
import { ChoiceField } from '../filter/choice-field.tsx'
import { FilterForm } from '../filter/filter-form.tsx'
import { SearchField } from '../filter/search-field.tsx'
import { SelectBox } from '../form/select-box.tsx'

const statusChoices = [
  { value: '', label: 'All' },
  { value: 'active', label: 'Active' },
  { value: 'trial', label: 'Trial' },
  { value: 'churned', label: 'Left' },
] as const

export function CustomerFilterForm({ filter, plans }: { filter: CustomerFilter; plans: readonly Plan[] }) {
  const { search, plan, status, sort } = filter
  const values = { search, plan: plan ?? '', status: status ?? '' }
  return (
    <FilterForm path="/customers" label="Customers" values={values}>
      {sort !== 'name' && <input type="hidden" name="sort" value={sort} />}
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <ChoiceField label="Status" name="status" value={values.status} choices={statusChoices} />
        <SearchField value={search} placeholder="Name, company or email" />
        <div className="w-full sm:w-40">
          <SelectBox aria-label="Plan" name="plan" defaultValue={values.plan}>
            <option value="">All plans</option>
            {plans.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectBox>
        </div>
        <ApplyButton />
      </div>
    </FilterForm>
  )
}
