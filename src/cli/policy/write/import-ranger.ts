/** `kerbside policy import-ranger`: a policy export of Apache Ranger as a new policy directory, and a report of what is not in it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Option } from 'commander'
import { Document } from 'yaml'
import { KerbsideError } from '../../../core/errors.ts'
import { isExact } from '../../../core/policy/ranger/entry.ts'
import { type Imported, importRanger } from '../../../core/policy/ranger/import-ranger.ts'
import { readMapping } from '../../../core/policy/ranger/principals.ts'
import { hdfsServicesIn, readExport } from '../../../core/policy/ranger/read-export.ts'
import type { Status } from '../../../core/policy/ranger/reasons.ts'
import { REPORT_FORMATS, summaryOfImport, writeReport } from '../../../core/policy/ranger/report.ts'
import { whyNot } from '../../../io/policy/files.ts'
import { layOut } from '../../../io/policy/layout.ts'
import { type CliCommand, EXIT, type Given } from '../../command.ts'
import type { Colour } from '../../terminal.ts'
import { counted, required } from '../policies.ts'

const COLOURS: Readonly<Record<Status, Colour>> = {
  carried: 'green',
  'not-carried': 'red',
  stricter: 'yellow',
  wider: 'yellow',
  ignored: 'dim',
}

export const policyImportRanger: CliCommand = {
  define(command) {
    command
      .argument('<export>', "JSON of Ranger Admin's `/service/plugins/policies/exportJson`")
      .option('--into <directory>', 'new directory to write to; required')
      .option('--cluster <name>', 'HadoopCluster that the datasets lie in; required')
      .option(
        '--map <principal=subject>',
        'who is who: user:alice=team:quant, group:research=identity:quant-research, group:interns=nobody; may be given again',
        (one, before: readonly string[] = []) => [...before, one],
      )
      .option('--map-file <file>', 'the same, one a line; a line that begins with # says nothing')
      .option('--owner <team>', 'owner of every dataset', 'imported')
      .option('--service <name>', 'HDFS service in Ranger, when the export holds more than one')
      .option('--roles <file>', "JSON of Ranger Admin's `/service/roles/roles`")
      .option('--zones <file>', "JSON of Ranger Admin's `/service/zones/zones`")
      .option('--include-base', 'carry `/a/*` as `/a`, which is wider by the path `/a` itself')
      .addOption(new Option('--output <format>', 'form of the report').choices(REPORT_FORMATS).default('table'))
      .addHelpText(
        'after',
        `
A deny of Ranger that cannot be written here is not left out: what it may cut is not carried. Every principal that
the policies name is to be mapped, or said to be nobody: an unmapped group could be anybody where it is denied.
Still to be written by hand: the HadoopCluster, and an Identity of each team.

Exit codes: 0 all of it is carried, 1 some of it is not, 2 a command line that is not understood, 3 an export, a mapping or
a directory that cannot be used.

Examples:
  kerbside policy import-ranger export.json --into policies/ranger --cluster lake \\
    --map user:quant=team:quant --map group:research=team:quant --map group:interns=nobody`,
      )
  },
  async run(given) {
    const { terminal, options } = given
    const into = required(options, 'into')
    const imported = await read(given)
    const format = REPORT_FORMATS.find((known) => known === options.get('output')) ?? 'table'
    const written = imported.datasets.length > 0 ? await write(into, imported) : false
    const report = writeReport(format, imported, (status, text) => terminal.paint(COLOURS[status], text))
    if (report !== '') terminal.out(report)
    terminal.err(summaryOfImport(imported))
    terminal.err(
      written
        ? `wrote ${counted(imported.datasets.length, 'dataset')} and ${counted(imported.grants.length, 'grant')} to \`${into}\`; still to be written: the HadoopCluster, and an Identity of each team`
        : 'wrote nothing: nothing is carried',
    )
    return imported.entries.every(isExact) ? EXIT.yes : EXIT.no
  },
}

async function read({ args: [path = ''], options }: Given): Promise<Imported> {
  const cluster = required(options, 'cluster')
  const mapping = readMapping([...linesOf(options.get('map')), ...(await mapFileOf(options.get('mapFile')))])
  if (mapping.size === 0) {
    throw new KerbsideError('bad-usage', 'nobody is mapped, so nothing could be carried', {
      hint: 'such as `--map user:alice=team:quant`',
    })
  }
  const [value, roles, zones] = [
    await readJson(path),
    await beside(options.get('roles')),
    await beside(options.get('zones')),
  ]
  const from = readExport(value, { roles, zones })
  const services = hdfsServicesIn(from)
  const asked = options.get('service')
  const service = asked === undefined ? services[0] : String(asked)
  if (service === undefined || !services.includes(service) || (asked === undefined && services.length > 1)) {
    const hint = services.length === 0 ? 'the export holds no policy of HDFS' : `there are ${services.join(', ')}`
    const message = asked === undefined ? '`--service` is not given' : `no HDFS service is called \`${asked}\``
    throw new KerbsideError('bad-usage', message, { hint })
  }
  const owner = required(options, 'owner')
  return importRanger(from, { mapping, cluster, owner, service, includeBase: options.get('includeBase') === true })
}

const linesOf = (given: unknown): readonly string[] => (Array.isArray(given) ? given.map(String) : [])

async function mapFileOf(path: unknown): Promise<readonly string[]> {
  if (path === undefined) return []
  const lines = (await readText(String(path))).split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

const beside = (path: unknown): Promise<unknown> =>
  path === undefined ? Promise.resolve(undefined) : readJson(String(path))

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KerbsideError('bad-policy', `\`${path}\` is not JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    })
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    const why =
      cause instanceof TypeError ? 'is not UTF-8' : `cannot be read: ${whyNot(cause as NodeJS.ErrnoException)}`
    throw new KerbsideError('bad-policy', `\`${path}\` ${why}`, { cause })
  }
}

/** Whole files in a directory that nobody else has written to. */
async function write(into: string, { datasets, grants }: Imported): Promise<true> {
  try {
    await mkdir(into)
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const message = exists ? `\`${into}\` is there already` : `\`${into}\` cannot be made`
    throw new KerbsideError('bad-usage', message, {
      hint: 'an import goes to a new directory, whose parent exists',
      cause,
    })
  }
  await writeFile(join(into, 'datasets.yaml'), textOf(datasets))
  await writeFile(join(into, 'grants.yaml'), textOf(grants))
  return true
}

/** As `kerbside policy fmt` would leave it. */
function textOf(documents: Imported['datasets'] | Imported['grants']): string {
  const texts = documents.map((content) => {
    const document = new Document(content)
    layOut(document, content.kind)
    return document.toString({ lineWidth: 0, singleQuote: true, directives: false })
  })
  return texts.join('---\n')
}
