import { Command, Option } from 'commander'

type Words = {
  /** Examples that the help shows. Each is a complete command line. */
  examples: string[]
  /** Details that the help shows after the summary. */
  more?: string
}

/** Creates a command whose help ends with examples. */
export function command(name: string, summary: string, { examples, more }: Words): Command {
  const typed = examples.map((example) => `  $ ${example}`).join('\n')
  return new Command(name)
    .description(summary)
    .addHelpText('after', `${more === undefined ? '' : `\n${more}\n`}\nExamples:\n${typed}`)
}

/** Creates a group of commands, such as `users`. */
export function group(
  name: string,
  summary: string,
  { commands, ...words }: Words & { commands: Command[] },
): Command {
  const made = command(name, summary, words).usage('<command>')
  for (const member of commands) made.addCommand(member)
  return made
}

/** The option `--json` of commands that print one document. */
export const jsonOption = new Option('--json', 'print one JSON document; times are ISO 8601, in UTC')

/** The option `--json` of commands that print many documents. */
export const jsonLinesOption = new Option(
  '--json',
  'print JSON, one document per line; times are ISO 8601, in UTC',
)
