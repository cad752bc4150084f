import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

/** Returns every command and group with its full command line. */
function commandsOf(parent: Command, path: string): { path: string; command: Command }[] {
  return [
    { path, command: parent },
    ...parent.commands.flatMap((child) => commandsOf(child, `${path} ${child.name()}`)),
  ]
}

const all = commandsOf(createProgram(), 'sallyport')

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 80,
  })
  command.outputHelp()
  return text
}

test('these are the commands', () => {
  expect(all.map(({ path }) => path)).toEqual([
    'sallyport',
    'sallyport init',
    'sallyport serve',
    'sallyport migrate',
    'sallyport backup',
    'sallyport restore',
    'sallyport move',
    'sallyport keys',
    'sallyport keys list',
    'sallyport keys rotate',
    'sallyport keys revoke',
    'sallyport secret',
    'sallyport secret status',
    'sallyport secret reseal',
    'sallyport secret forget',
    'sallyport users',
    'sallyport users create',
    'sallyport users list',
    'sallyport users show',
    'sallyport users set-roles',
    'sallyport users disable',
    'sallyport users enable',
    'sallyport users unlock',
    'sallyport users import',
    'sallyport users export',
    'sallyport users factors',
    'sallyport users factors list',
    'sallyport users factors remove',
    'sallyport users factors cancel',
    'sallyport organizations',
    'sallyport organizations list',
    'sallyport organizations members',
    'sallyport organizations set-member',
    'sallyport organizations delete',
    'sallyport organizations keep',
    'sallyport access',
    'sallyport access export',
    'sallyport access check',
    'sallyport sessions',
    'sallyport sessions list',
    'sallyport sessions revoke',
    'sallyport audit',
    'sallyport audit tail',
    'sallyport audit export',
  ])
})

test.each(all)(
  '$path --help: a sentence, every option explained, and examples that parse',
  ({ path, command }) => {
    const help = helpOf(command)
    expect(help).toMatch(new RegExp(`^Usage: ${path}( |\n)`))
    expect(command.description()).toMatch(/^[A-Z].*\.$/)
    for (const { flags, description } of command.options) expect(`${flags}: ${description}`).toMatch(/: .+/)
    for (const argument of command.registeredArguments) expect(argument.description).not.toBe('')
    const examples = [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const [, words = ''] = /(?:^|\s)sallyport ([^|>]*)/.exec(example) ?? []
      expect(parse(words)).toBe('parsed')
    }
  },
)

test.each(all.filter(({ command }) => command.options.some(({ long }) => long === '--json')))(
  '$path says what its JSON is, times included',
  ({ command }) => {
    expect(command.options.find(({ long }) => long === '--json')?.description).toMatch(
      /JSON(?: document|, one document per line); times are ISO 8601, in UTC$/,
    )
  },
)

/** Parses a command line without running the command. */
function parse(line: string): string {
  const program = createProgram()
  const words = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  for (const { command } of commandsOf(program, '')) {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} })
    if (command.commands.length === 0) command.action(() => {})
  }
  try {
    program.parse(words, { from: 'user' })
    return 'parsed'
  } catch (error) {
    return error instanceof Error && /outputHelp/.test(error.message) ? 'parsed' : String(error)
  }
}
