/** The table of operations: whole, each name once, and the same as the page says. `UPDATE_DOCS=1` rewrites the page. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SYNTHETIC_TOKEN } from '../../../src/core/hadoop/synthetic-token.ts'
import { demandOfParents } from '../../../src/core/hdfs/demands.ts'
import { limitRefusal } from '../../../src/core/hdfs/limit-refusal.ts'
import type { Operation } from '../../../src/core/hdfs/operation.ts'
import { findOperation, OPERATION_GROUPS, OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import type { ParameterName, Parameters } from '../../../src/core/hdfs/parameters.ts'
import { demandsOf, parseRequest } from '../../../src/core/hdfs/request.ts'
import { hdfs } from '../policy/bundle-of.ts'

const OFFERED = OPERATIONS.filter(({ answeredBy }) => answeredBy !== 'nobody')
const REFUSED = OPERATIONS.filter(({ answeredBy }) => answeredBy === 'nobody')

/** What an operation cannot do without, for a request that is one. */
const NEEDED = new Map<string, string>([
  ['destination', '/to'],
  ['fsaction', 'rwx'],
  ['sources', '/a,/b'],
  ['newlength', '0'],
  ['replication', '2'],
  ['xattr.name', 'user.x'],
  ['flag', 'CREATE'],
  ['encoding', 'text'],
  ['permission', '640'],
  ['aclspec', 'user:ann:r--'],
  ['oldsnapshotname', 's1'],
  ['snapshotname', 's2'],
  ['storagepolicy', 'HOT'],
  ['ecpolicy', 'RS-6-3-1024k'],
  ['storagetype', 'SSD'],
  ['storagespacequota', '1'],
  ['token', SYNTHETIC_TOKEN],
])

const asking = ({ name, needs }: Operation, query = ''): string =>
  [`op=${name}`, ...needs.filter((one) => !query.includes(one)).map((one) => `${one}=${NEEDED.get(one)}`), query]
    .filter((one) => one !== '')
    .join('&')

test('all 65 operations of Hadoop 3.4 are in the table, each once', () => {
  expect(new Set(OPERATIONS.map(({ name }) => name)).size).toBe(65)
  const count = (method: string) => OPERATIONS.filter((one) => one.method === method).length
  expect([count('GET'), count('PUT'), count('POST'), count('DELETE')]).toEqual([30, 28, 5, 2])
})

test('one that is not in the table is no operation', () => {
  for (const name of ['INSTRUMENTATION', 'CONSTRUCTOR', '__PROTO__', '']) expect(findOperation(name)).toBeUndefined()
})

test.each(REFUSED)('$name is refused by name, whatever else is asked with it', ({ method, name }) => {
  const target = `/webhdfs/v1/data/x?op=${name}&destination=/d&fsaction=rwx&recursive=true`
  expect(parseRequest(method, target)).toEqual({ refuse: 'unsupported-operation', operation: name, path: '/data/x' })
})

test('every operation demands something, unless its answer names no path', () => {
  for (const operation of OFFERED) {
    const request = parseRequest(operation.method, `/webhdfs/v1/d?${asking(operation)}`)
    if ('refuse' in request) throw new Error(`${operation.name}: ${request.refuse}`)
    expect(demandsOf(request).length > 0, operation.name).toBe(operation.free === undefined)
  }
})

test.each(OFFERED.flatMap((operation) => operation.needs.map((need) => [operation.name, need, operation] as const)))(
  '%s without %s is no operation',
  (_, need, operation) => {
    const query = asking(operation)
      .split('&')
      .filter((pair) => !pair.startsWith(`${need}=`))
    expect(parseRequest(operation.method, `/webhdfs/v1/d?${query.join('&')}`)).toMatchObject({
      refuse: 'bad-parameter',
    })
  },
)

/** Flags that change what is demanded have a line of their own. */
const VARIANTS = new Map<string, readonly string[]>([
  ['CREATE', ['overwrite=true']],
  ['RENAME', ['destination=/to&renameoptions=OVERWRITE']],
  ['DELETE', ['recursive=true']],
  ['SETACL', ['aclspec=default:user:ann:r--']],
  ['MODIFYACLENTRIES', ['aclspec=default:user:ann:r--']],
  ['REMOVEACLENTRIES', ['aclspec=default:user:ann:']],
])

function line(operation: Operation, query: string): string {
  const { name, method, answeredBy, needs, because } = operation
  if (because !== undefined) return `| ${method} | \`${name}\` | nobody | – | ${because} |`
  const request = parseRequest(method, `/webhdfs/v1/path?${asking(operation, query)}`)
  if ('refuse' in request) throw new Error(`${name}: ${request.refuse}`)
  const demands = demandsOf(request).map(
    ({ action, path, scope }) => `${action} ${path}${scope === 'this' ? '' : '/**'}`,
  )
  const deciding = needs.filter((one) => one === 'destination' || operation.decisive.includes(one))
  const said = query === '' ? deciding.map((one) => `${one}=${NEEDED.get(one)}`).join('&') : query
  const asked = said === '' ? `\`${name}\`` : `\`${name}\` with \`${said}\``
  const parameters = operation.parameters.map((one) => `\`${one}\``).join(' ')
  const without = operation.filter === undefined ? '' : `; answer without ${operation.filter.without}`
  return `| ${method} | ${asked} | ${answeredBy} | ${[...new Set(demands)].join(', ') || '–'} | ${parameters || '–'}${without} |`
}

function tables(): string {
  return [...OPERATION_GROUPS]
    .map(([group, rows]) => {
      const lines = rows.flatMap((operation) =>
        ['', ...(VARIANTS.get(operation.name) ?? [])].map((query) => line(operation, query)),
      )
      return [
        `### ${group}`,
        '',
        '| HTTP | operation | answered by | demands | parameters |',
        '|---|---|---|---|---|',
        ...lines,
      ].join('\n')
    })
    .join('\n\n')
}

describe('the parameters that decide', () => {
  // Each value that its reader takes and that could make a difference.
  const VALUES: Readonly<Record<ParameterName, readonly string[]>> = {
    offset: ['0', '7'],
    length: ['1'],
    buffersize: ['4096'],
    blocksize: ['1048576'],
    replication: ['3'],
    overwrite: ['true', 'false'],
    createparent: ['true', 'false'],
    recursive: ['true', 'false'],
    permission: ['644'],
    unmaskedpermission: ['600'],
    createflag: ['CREATE', 'CREATE,OVERWRITE'],
    renameoptions: ['NONE', 'OVERWRITE', 'TO_TRASH'],
    fsaction: ['---', 'r--', '-w-', '--x', 'rwx'],
    startafter: ['x'],
    sources: ['/data/c', '/data/c,/data/d'],
    newlength: ['0', '9'],
    modificationtime: ['-1', '5'],
    accesstime: ['-1', '5'],
    owner: ['ann'],
    group: ['staff'],
    aclspec: ['user:ann:rwx', 'default:user:ann:rwx'],
    'xattr.name': ['user.x'],
    'xattr.value': ['"x"'],
    encoding: ['hex'],
    flag: ['CREATE', 'CREATE,REPLACE'],
    snapshotname: ['', 's'],
    oldsnapshotname: ['', 's'],
    snapshotdiffstartpath: ['', 'a/b'],
    snapshotdiffindex: ['-1', '7'],
    storagepolicy: ['COLD'],
    ecpolicy: ['XOR-2-1-1024k'],
    namespacequota: ['-1', '9'],
    storagespacequota: ['-1', '9'],
    storagetype: ['DISK'],
    token: [SYNTHETIC_TOKEN],
  }
  const needed = (operation: Operation, parameters: Parameters) => {
    const request = { path: hdfs('/data/a/b'), destination: hdfs('/data/c'), parameters }
    const refusal = limitRefusal({ fileBytes: 1, replication: 1, blockBytes: 1 }, { operation, parameters }, 0)
    return JSON.stringify([
      operation.demands(request),
      operation.name === 'CREATE' && demandOfParents(request),
      refusal,
    ])
  }

  test.each(OFFERED.map((operation) => [operation.name, operation] as const))(
    'of %s are exactly those that change what is demanded, or pass a limit',
    (_, operation) => {
      const changing = operation.parameters.filter((name) =>
        VALUES[name].some((value) => needed(operation, new Map([[name, value]])) !== needed(operation, new Map())),
      )
      expect([...operation.decisive].sort()).toEqual(changing.sort())
    },
  )
})

test('the page shows the table as it is', () => {
  const file = join(import.meta.dirname, '../../../sidecar/gateway/README.md')
  const page = readFileSync(file, 'utf8')
  const updated = page.replace(
    /(<!-- operations -->\n)[\s\S]*?(<!-- \/operations -->)/,
    (_, open, close) => `${open}\n${tables()}\n\n${close}`,
  )
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, updated)
  expect(readFileSync(file, 'utf8')).toBe(updated)
  for (const { name } of OPERATIONS) expect(updated, name).toContain(`\`${name}\``)
})
