/** `npm run lab`: the lab for a person at a terminal. */
import { constants } from 'node:os'
import { Command, CommanderError } from 'commander'
import { LabError, told, UsageError } from './errors.ts'
import { labFolder, labState } from './folder.ts'
import { down, find, up } from './lab.ts'
import { PARTS, readPartNames } from './parts.ts'
import { seconds } from './progress.ts'

const BAD_USAGE = 2

const lab = new Command('lab')
  .usage('COMMAND [--name NAME]')
  .description('real Kerberos, HDFS, OpenBao and Kubernetes on this machine, in one namespace without a way out')
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: () => {} })

const named = (name: string, description: string) =>
  lab.command(name).description(description).option('--name <name>', 'which lab', readName, 'default')

named(
  'up [parts...]',
  `start parts with all they need; all when none is named: ${PARTS.map((part) => part.name).join(' ')}`,
).action(async (words: string[], { name }: { name: string }) => {
  const parts = readPartNames(words)
  const begun = performance.now()
  if (labState(labFolder(name)).is === 'up') await find(name).add(parts)
  else await interruptible(name, up(parts, { name, tied: false }))
  say(`lab \`${name}\` is up after ${seconds(performance.now() - begun)}; look around with \`npm run lab -- shell\``)
  process.exit(0)
})

named('down', 'end it, and leave no process, mount, cgroup or file behind').action(async ({ name }) => {
  const state = labState(labFolder(name))
  await down(name)
  say(state.is === 'absent' ? `lab \`${name}\` was not up` : `lab \`${name}\` is gone`)
})

named('status', 'what runs').action(async ({ name }) => {
  const found = find(name)
  const { parts, daemons } = await found.status()
  say(`lab \`${name}\` is up, in ${found.folder.path}: ${parts.join(', ')}`)
  for (const daemon of daemons) {
    const state = daemon.pid === undefined ? 'stopped' : daemon.frozen ? 'frozen' : 'runs'
    say(`  ${daemon.name.padEnd(20)} ${state.padEnd(8)} ${found.files.log(daemon.name)}`)
  }
  process.exit(0)
})

named('shell', 'a shell inside').action(async ({ name }) => {
  const found = find(name)
  process.exit(await found.run([process.env['SHELL'] ?? '/bin/bash'], { env: { PS1: `lab ${name} \\w# ` } }))
})

named('run <command...>', 'one command inside; what follows `--` is passed on')
  .option('--uid <uid>', 'as this user, without capabilities', readUid)
  .passThroughOptions()
  .action(async (command: string[], { name, uid }: { name: string; uid?: number }) => {
    process.exit(await find(name).run(command, uid === undefined ? {} : { uid }))
  })

for (const [verb, description] of [
  ['stop', 'end a daemon, as a fault'],
  ['start', 'start a stopped daemon again'],
  ['restart', 'both'],
] as const) {
  named(`${verb} <daemon>`, description).action(async (daemon: string, { name }: { name: string }) => {
    const found = find(name)
    if (verb !== 'start') await found.stop(daemon, 'SIGKILL')
    if (verb !== 'stop') await found.start(daemon)
    process.exit(0)
  })
}

/** Half a lab is of no use to anyone: Ctrl-C takes away what has begun. */
async function interruptible(name: string, starting: Promise<unknown>): Promise<void> {
  const interrupted = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  const signal = await Promise.race([interrupted, starting.then(() => undefined)])
  if (signal === undefined) return
  await down(name)
  process.exit(128 + constants.signals[signal])
}

function readName(value: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,30}$/.test(value)) return value
  throw new UsageError(`\`${value}\` is no name for a lab`, 'up to 31 small letters, digits and dashes')
}

function readUid(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new UsageError(`\`${value}\` is no user id`, 'a number, for instance 1000')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Commander's own sentence in our manner: user input in backticks, the hint on a second line. */
function reworded(error: CommanderError): LabError {
  const [sentence = '', meant] = error.message
    .replace(/^error: /, '')
    .replaceAll("'", '`')
    .split('\n')
  return new LabError(
    sentence,
    meant?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean `$1`?') ?? 'see `npm run lab -- --help`',
  )
}

try {
  await lab.parseAsync()
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0)
  if (error instanceof CommanderError && error.code === 'commander.help') process.exit(BAD_USAGE)
  process.stderr.write(`${told(error instanceof CommanderError ? reworded(error) : error)}\n`)
  process.exit(error instanceof CommanderError || error instanceof UsageError ? BAD_USAGE : 1)
}
