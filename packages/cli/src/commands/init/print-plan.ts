import type { Advice } from '../../scaffold/advice.ts'
import type { NextApp } from '../../scaffold/next-app.ts'
import type { PlannedFile } from '../../scaffold/planned-file.ts'
import { type Colour, coloured } from '../../terminal/colour.ts'
import { print, say } from '../../terminal/print.ts'
import { printTable } from '../../terminal/table.ts'
import { visible } from '../../terminal/visible.ts'

const words: Record<PlannedFile['state'], { word: string; colour: Colour }> = {
  create: { word: 'create', colour: 'green' },
  there: { word: 'keep', colour: 'dim' },
  left: { word: 'by hand', colour: 'yellow' },
}

/** Prints all planned changes, and the steps that the user must do by hand. */
export async function printPlan(app: NextApp, files: readonly PlannedFile[], advice: readonly Advice[]) {
  await say(`Next.js ${app.next} in ${app.language}, pages in ${app.source}app/.`)
  await print('')
  await printTable(
    [
      {
        title: 'PLAN',
        of: ({ state }: PlannedFile) => words[state].word,
        colour: ({ state }) => words[state].colour,
      },
      { title: 'FILE', of: ({ path }) => path },
      { title: 'WHAT FOR', of: ({ state, note }) => (state === 'left' ? 'see below' : note) },
    ],
    files,
    '',
  )
  for (const file of files) if (file.state === 'left') await printByHand(file.path, file.note, file.snippet)
  for (const { about, sentence, snippet } of advice) await printByHand(about, sentence, snippet)
  await print('')
}

async function printByHand(about: string, sentence: string, snippet: string | undefined): Promise<void> {
  await print('')
  await print(`${coloured('bold', visible(about))}: ${visible(sentence)}${snippet === undefined ? '.' : ':'}`)
  for (const line of (snippet ?? '').split('\n').slice(0, -1)) await print(line === '' ? '' : `    ${line}`)
}
