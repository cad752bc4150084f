'use client'

import { Plus } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { lineCents, lineFieldName, maxLines, writtenLines } from '../../billing/invoice-draft.ts'
import type { FormState } from '../form/form-state.ts'
import { useHydrated } from '../form/use-hydrated.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { LineFields } from './line-fields.tsx'

/**
 * The lines that the form has if scripts do not run. Without scripts the user cannot add a line, so there are three from the start. Blank
 * lines are ignored.
 */
const linesWithoutScripts = [0, 1, 2]

/** The lines of a new invoice. With scripts, the user can add and remove lines. Without scripts, there are always three lines. */
export function LinesEditor(props: {
  state: FormState
  values: Record<string, string>
  onChange: () => void
}) {
  const { state, values, onChange } = props
  const isHydrated = useHydrated()
  const [lines, setLines] = useState(() => {
    const written = writtenLines(state.values)
    return written.length > 0 ? written : [0]
  })
  const list = useRef<HTMLDivElement>(null)
  const addButton = useRef<HTMLButtonElement>(null)
  const added = useRef<number>(null)
  const titleId = useId()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect must run when a line was added or removed
  useEffect(() => {
    onChange()
    if (added.current === null) return
    const name = lineFieldName('description', added.current)
    list.current?.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus()
    added.current = null
  }, [lines])

  const add = () => {
    added.current = Math.max(...lines) + 1
    setLines([...lines, added.current])
  }
  const remove = (line: number) => {
    setLines(lines.filter((other) => other !== line))
    addButton.current?.focus()
  }
  const spare = isHydrated ? [] : linesWithoutScripts.filter((line) => !lines.includes(line))

  return (
    <section aria-labelledby={titleId} className="card">
      <h2 id={titleId} className="px-5 pt-4 pb-3 font-semibold text-[0.9375rem] tracking-tight">
        Lines
      </h2>
      <div ref={list} className="noscript:pb-3">
        {[...lines, ...spare].map((line, index) => (
          <LineFields
            key={line}
            line={line}
            position={index + 1}
            state={state}
            amountCents={lineCents(values, line)}
            onRemove={lines.length > 1 ? () => remove(line) : null}
            isSpare={spare.includes(line)}
          />
        ))}
      </div>
      <div className="px-3 pt-1 pb-3 noscript:hidden">
        <button
          ref={addButton}
          type="button"
          onClick={add}
          disabled={lines.length >= maxLines}
          className={buttonStyle('quiet', 'small')}
        >
          <Plus aria-hidden className="size-4" />
          Add a line
        </button>
      </div>
    </section>
  )
}
