import { Search } from 'lucide-react'

export function SearchField({ value, placeholder }: { value: string; placeholder: string }) {
  return (
    <label className="relative block min-w-0 flex-1 basis-full sm:basis-64">
      <span className="sr-only">Search</span>
      <Search aria-hidden className="absolute top-2.5 left-3 size-4 text-faint" />
      <input
        type="search"
        name="search"
        defaultValue={value}
        placeholder={placeholder}
        maxLength={100}
        autoComplete="off"
        className="field pl-9"
      />
    </label>
  )
}
