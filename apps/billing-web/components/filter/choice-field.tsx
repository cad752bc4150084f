/** A choice of a few values. It has radio buttons, because they work without JavaScript and with the arrow keys. */
export function ChoiceField(props: {
  label: string
  name: string
  value: string
  choices: readonly { value: string; label: string }[]
}) {
  const { label, name, value, choices } = props
  return (
    <fieldset className="min-w-0 max-w-full">
      <legend className="sr-only">{label}</legend>
      <div className="flex h-9 max-w-full items-stretch gap-0.5 overflow-x-auto rounded-lg bg-track p-0.5">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="relative flex shrink-0 cursor-pointer items-center rounded-md px-3 text-soft transition-colors hover:text-ink has-checked:bg-thumb has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent-text"
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              defaultChecked={choice.value === value}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
