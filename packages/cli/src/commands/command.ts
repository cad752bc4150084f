import { Command, Option } from 'commander'

type Words = {
  /** As one would type them. */
  examples: string[]
  /** What the summary leaves open. */
  more?: string
}

/** A command whose help ends with examples. */
export function command(name: string, summary: string, { examples, more }: Words): Command {
  const typed = examples.map((example) => `  $ ${example}`).join('\n')
  return new Command(name)
    .description(summary)
    .addHelpText('after', `${more === undefined ? '' : `\n${more}\n`}\nExamples:\n${typed}`)
}

/** Commands about one noun. */
export function group(
  name: string,
  summary: string,
  { commands, ...words }: Words & { commands: Command[] },
): Command {
  const made = command(name, summary, words).usage('<command>')
  for (const member of commands) made.addCommand(member)
  return made
}

/** For scripts, of a command that prints one thing. */
export const jsonOption = new Option('--json', 'print one JSON document; times are ISO 8601, in UTC')

/** For scripts, of a command that prints many. */
export const jsonLinesOption = new Option(
  '--json',
  'print JSON, one document a line; times are ISO 8601, in UTC',
)
