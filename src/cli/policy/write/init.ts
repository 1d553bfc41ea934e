/** `kerbside policy init`: a new policy directory to start from, which is valid and tested as it stands. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KerbsideError } from '../../../core/errors.ts'
import { documentSchema } from '../../../core/policy/language/documents.ts'
import * as field from '../../../core/policy/language/fields.ts'
import { LONGEST_STARTER_TEAM, starterFiles } from '../../../core/policy/starter.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { directoryArgument } from '../policies.ts'

const AFTER = `
Nothing is asked, and nothing that is there is touched: the directory must be empty or not exist yet.

Exit codes: 0 written, 2 a command line that is not understood, or a directory that is not empty.

Examples:
  kerbside policy init
  kerbside policy init --team quant --realm EXAMPLE.ORG --nameservice prod policies`

const OPTIONS = { team: field.name, realm: field.realm, nameservice: field.nameservice } as const

export const policyInit: CliCommand = {
  define(command) {
    directoryArgument(command)
    command
      .option('--team <name>', 'the first team', 'example')
      .option('--realm <name>', 'the Kerberos realm', 'EXAMPLE.ORG')
      .option('--nameservice <name>', 'the name in hdfs://NAME/', 'hdfs')
      .addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options }) {
    const chosen = (name: keyof typeof OPTIONS): string => {
      const checked = OPTIONS[name].safeParse(options.get(name))
      if (checked.success) return checked.data
      const [issue] = checked.error.issues
      throw new KerbsideError('bad-usage', `\`--${name}\` ${issue?.message}`)
    }
    const starter = { team: chosen('team'), realm: chosen('realm'), nameservice: chosen('nameservice') }
    if (starter.team.length > LONGEST_STARTER_TEAM) {
      throw new KerbsideError('bad-usage', `\`--team\` must be at most ${LONGEST_STARTER_TEAM} characters`)
    }
    if (!(await isFree(directory))) {
      const hint = 'name one that does not exist yet'
      throw new KerbsideError('bad-usage', `the directory \`${directory}\` is not empty`, { hint })
    }
    const schema = `${JSON.stringify(documentSchema(), undefined, 2)}\n`
    for (const [name, text] of [...starterFiles(starter), ['schema.json', schema] as const]) {
      const path = join(directory, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { flag: 'wx' })
      terminal.out(name)
    }
    terminal.err(
      `written to \`${directory}\`; next, \`kerbside policy check ${directory}\` and your own hosts in cluster.yaml`,
    )
    return EXIT.yes
  },
}

/** @throws KerbsideError `bad-usage` when it is a file, or cannot be looked into */
async function isFree(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    throw new KerbsideError('bad-usage', `\`${directory}\` is not a directory that can be written to`, { cause: error })
  }
}
