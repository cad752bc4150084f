import { type ReactNode, useId } from 'react'

/** A checkbox with its label. */
export function CheckField(props: { name: string; isChecked?: boolean; children: ReactNode }) {
  const id = useId()
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        name={props.name}
        value="1"
        defaultChecked={props.isChecked}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <label htmlFor={id} className="text-pretty">
        {props.children}
      </label>
    </div>
  )
}
