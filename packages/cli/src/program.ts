import type { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { accessCheckCommand } from './commands/access/check.ts'
import { accessExportCommand } from './commands/access/export.ts'
import { auditExportCommand } from './commands/audit/export.ts'
import { auditTailCommand } from './commands/audit/tail.ts'
import { backupCommand } from './commands/backup/backup.ts'
import { restoreCommand } from './commands/backup/restore.ts'
import { command, group } from './commands/command.ts'
import { factorsCancelCommand } from './commands/factors/cancel.ts'
import { factorsListCommand } from './commands/factors/list.ts'
import { factorsRemoveCommand } from './commands/factors/remove.ts'
import { initCommand } from './commands/init/init.ts'
import { keysListCommand } from './commands/keys/list.ts'
import { keysRevokeCommand } from './commands/keys/revoke.ts'
import { keysRotateCommand } from './commands/keys/rotate.ts'
import { migrateCommand } from './commands/migrate.ts'
import { moveCommand } from './commands/move.ts'
import { organizationsDeleteCommand } from './commands/organizations/delete.ts'
import { organizationsKeepCommand } from './commands/organizations/keep.ts'
import { organizationsListCommand } from './commands/organizations/list.ts'
import { organizationsMembersCommand } from './commands/organizations/members.ts'
import { organizationsSetMemberCommand } from './commands/organizations/set-member.ts'
import { Refusal } from './commands/refusal.ts'
import { secretForgetCommand } from './commands/secret/forget.ts'
import { secretResealCommand } from './commands/secret/reseal.ts'
import { secretStatusCommand } from './commands/secret/status.ts'
import { serveCommand } from './commands/serve.ts'
import { sessionsListCommand } from './commands/sessions/list.ts'
import { sessionsRevokeCommand } from './commands/sessions/revoke.ts'
import { usersCreateCommand } from './commands/users/create.ts'
import { usersDisableCommand } from './commands/users/disable.ts'
import { usersEnableCommand } from './commands/users/enable.ts'
import { usersExportCommand } from './commands/users/export.ts'
import { usersImportCommand } from './commands/users/import.ts'
import { usersListCommand } from './commands/users/list.ts'
import { usersSetRolesCommand } from './commands/users/set-roles.ts'
import { usersShowCommand } from './commands/users/show.ts'
import { usersUnlockCommand } from './commands/users/unlock.ts'
import { visible } from './terminal/visible.ts'

/** Creates the command line. If the program should end, it prints the reason and throws a `CommanderError`. */
export function createProgram(): Command {
  const program = command(
    'sallyport',
    'Authentication for web apps: the auth server, and the commands for its operator.',
    {
      examples: [
        'sallyport serve',
        'sallyport users show ada@example.com',
        'sallyport sessions revoke --user ada@example.com',
      ],
      more: `Settings come from the environment, and must be the same as the server's: see docs/configuration.md.
Exit codes: 0 done, 1 failed, not found or refused, 2 wrong usage.`,
    },
  )
    .usage('<command>')
    .version(manifest.version)
    .option('--settings <file>', 'read settings from a file; environment variables take precedence')
    .option(
      '--config <file>',
      'a .ts, .mjs or .json file with settings, hooks, mails and user fields; environment variables take precedence (default: SALLYPORT_CONFIG)',
    )
    .hook('preAction', (self) => {
      const { settings, config } = self.opts<{ settings?: string; config?: string }>()
      readSettingsFile(settings)
      if (config !== undefined) process.env.SALLYPORT_CONFIG = config
    })
    .addCommand(initCommand())
    .addCommand(serveCommand())
    .addCommand(migrateCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(moveCommand())
    .addCommand(keys())
    .addCommand(secret())
    .addCommand(users())
    .addCommand(organizations())
    .addCommand(access())
    .addCommand(sessions())
    .addCommand(audit())
    .exitOverride()
    .configureOutput({
      writeErr: (text) => void process.stderr.write(visible(text, { lines: true })),
      outputError: (text, write) => write(sentence(text)),
    })
  settle(program, program.name())
  return program
}

function keys(): Command {
  return group('keys', 'The keys that sign access tokens.', {
    commands: [keysListCommand(), keysRotateCommand(), keysRevokeCommand()],
    examples: ['sallyport keys list', 'sallyport keys rotate'],
  })
}

function secret(): Command {
  return group('secret', 'SALLYPORT_SECRET, and the data that is encrypted with it.', {
    commands: [secretStatusCommand(), secretResealCommand(), secretForgetCommand()],
    examples: ['SALLYPORT_SECRET=new,old sallyport secret reseal'],
  })
}

function users(): Command {
  return group('users', 'The users.', {
    commands: [
      usersCreateCommand(),
      usersListCommand(),
      usersShowCommand(),
      usersSetRolesCommand(),
      usersDisableCommand(),
      usersEnableCommand(),
      usersUnlockCommand(),
      usersImportCommand(),
      usersExportCommand(),
      factors(),
    ],
    examples: ['sallyport users list --role owner', 'sallyport users disable ada@example.com'],
  })
}

function factors(): Command {
  return group('factors', 'The second factors of a user.', {
    commands: [factorsListCommand(), factorsRemoveCommand(), factorsCancelCommand()],
    examples: ['sallyport users factors list ada@example.com'],
  })
}

function organizations(): Command {
  return group('organizations', 'The organizations, and their members.', {
    commands: [
      organizationsListCommand(),
      organizationsMembersCommand(),
      organizationsSetMemberCommand(),
      organizationsDeleteCommand(),
      organizationsKeepCommand(),
    ],
    examples: [
      'sallyport organizations members acme',
      'sallyport organizations set-member acme ada@example.com owner',
    ],
  })
}

function access(): Command {
  return group('access', 'The definition of roles and permissions.', {
    commands: [accessExportCommand(), accessCheckCommand()],
    examples: ['sallyport access export access.ts > access.json', 'sallyport access check'],
  })
}

function sessions(): Command {
  return group('sessions', 'The sessions of users: one for each sign-in on a device.', {
    commands: [sessionsListCommand(), sessionsRevokeCommand()],
    examples: ['sallyport sessions list ada@example.com', 'sallyport sessions revoke --user ada@example.com'],
  })
}

function audit(): Command {
  return group('audit', 'The audit log: what happened, who did it, and from where.', {
    commands: [auditTailCommand(), auditExportCommand()],
    examples: [
      'sallyport audit tail --follow',
      'sallyport audit export --since 2026-11-01 > audit-log.jsonl',
    ],
  })
}

/** Applies the common settings to every command, because `addCommand` does not apply them. */
function settle(parent: Command, path: string): void {
  parent.showHelpAfterError(`See: ${path} --help`)
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent)
    settle(child, `${path} ${child.name()}`)
  }
}

/** Formats an error message of commander like our own messages. */
function sentence(text: string): string {
  const plain = text.replace(/^error: /, '')
  return plain.charAt(0).toUpperCase() + plain.slice(1).replace(/([^.)?])\n$/, '$1.\n')
}

/**
 * Reads settings from a file into the environment. Variables that are already set are not changed. The option is not called `--env-file`,
 * because Node has an option with that name.
 *
 * @throws Refusal if the file cannot be read.
 */
function readSettingsFile(file: string | undefined): void {
  if (file === undefined) return
  try {
    process.loadEnvFile(file)
  } catch (error) {
    throw new Refusal(
      `The file ${file} of --settings cannot be read (${error instanceof Error ? error.message : error}). Give a file with lines such as SALLYPORT_SECRET=…`,
    )
  }
}
