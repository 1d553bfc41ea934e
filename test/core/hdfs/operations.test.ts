/** The table of operations: whole, each name once, and the same as the page says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { demandOfParents } from '../../../src/core/hdfs/demands.ts'
import { limitRefusal } from '../../../src/core/hdfs/limit-refusal.ts'
import { findOperation, NOT_OFFERED, OFFERED, type Operation } from '../../../src/core/hdfs/operations.ts'
import type { ParameterName, Parameters } from '../../../src/core/hdfs/parameters.ts'
import { demandsOf, parseRequest } from '../../../src/core/hdfs/request.ts'
import { hdfs } from '../policy/bundle-of.ts'

const refusedNames = Object.entries(NOT_OFFERED).flatMap(([method, names]) => names.map((name) => ({ method, name })))

test('all 65 operations of Hadoop 3.4 are in the table, each once', () => {
  const all = [...OFFERED, ...refusedNames]
  expect(new Set(all.map(({ name }) => name)).size).toBe(65)
  const count = (method: string) => all.filter((one) => one.method === method).length
  expect([count('GET'), count('PUT'), count('POST'), count('DELETE')]).toEqual([30, 28, 5, 2])
})

test.each(refusedNames)('$name is refused by name, whatever else is asked with it', ({ method, name }) => {
  expect(findOperation(name)).toBe('not-offered')
  const target = `/webhdfs/v1/data/x?op=${name}&destination=/d&fsaction=rwx&recursive=true`
  expect(parseRequest(method, target)).toEqual({ refuse: 'unsupported-operation', operation: name, path: '/data/x' })
})

test('every operation that HDFS answers demands something', () => {
  for (const operation of OFFERED) {
    const query = `op=${operation.name}&destination=/e&fsaction=---`
    const request = parseRequest(operation.method, `/webhdfs/v1/d?${query}`)
    if ('refuse' in request) throw new Error(request.refuse)
    expect(demandsOf(request).length > 0, operation.name).toBe(operation.answeredBy !== 'local')
  }
})

/** One line an operation, as sidecar/gateway/README.md has it; flags that change what is demanded have a line of their own. */
const VARIANTS = [
  'GETFILESTATUS',
  'LISTSTATUS',
  'OPEN',
  'GETCONTENTSUMMARY',
  'CHECKACCESS fsaction=rwx',
  'GETHOMEDIRECTORY',
  'CREATE',
  'CREATE overwrite=true',
  'MKDIRS',
  'RENAME destination=/to',
  'RENAME destination=/to&renameoptions=OVERWRITE',
  'APPEND',
  'DELETE',
  'DELETE recursive=true',
]

function line(variant: string): string {
  const [name = '', query = ''] = variant.split(' ')
  const operation = OFFERED.find((one) => one.name === name)
  if (operation === undefined) throw new Error(`no ${name}`)
  const request = parseRequest(operation.method, `/webhdfs/v1/path?op=${name}&${query}`)
  if ('refuse' in request) throw new Error(request.refuse)
  const demands = demandsOf(request).map(
    ({ action, path, scope }) => `${action} ${path}${scope === 'this' ? '' : '/**'}`,
  )
  const asked = query === '' ? `\`${name}\`` : `\`${name}\` with \`${query}\``
  const parameters = operation.parameters.map((one) => `\`${one}\``).join(' ')
  return `| ${operation.method} | ${asked} | ${operation.answeredBy} | ${[...new Set(demands)].join(', ') || '–'} | ${parameters || '–'} |`
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
  expect(VARIANTS.map((variant) => variant.split(' ')[0])).toEqual(
    expect.arrayContaining(OFFERED.map(({ name }) => name)),
  )
  const page = readFileSync(join(import.meta.dirname, '../../../sidecar/gateway/README.md'), 'utf8')
  const rows = page.split('\n').filter((text) => /^\| (GET|PUT|POST|DELETE) +\|/.test(text))
  expect(rows.map((text) => text.replace(/ +/g, ' '))).toEqual(VARIANTS.map(line))
  for (const { name } of refusedNames) expect(page, name).toContain(`\`${name}\``)
})
