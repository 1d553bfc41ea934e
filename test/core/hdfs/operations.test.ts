/** The table of operations: whole, each name once, and the same as the page says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findOperation, NOT_OFFERED, OFFERED } from '../../../src/core/hdfs/operations.ts'
import { demandsOf, parseRequest } from '../../../src/core/hdfs/request.ts'

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

test('the page shows the table as it is', () => {
  expect(VARIANTS.map((variant) => variant.split(' ')[0])).toEqual(
    expect.arrayContaining(OFFERED.map(({ name }) => name)),
  )
  const page = readFileSync(join(import.meta.dirname, '../../../sidecar/gateway/README.md'), 'utf8')
  const rows = page.split('\n').filter((text) => /^\| (GET|PUT|POST|DELETE) +\|/.test(text))
  expect(rows.map((text) => text.replace(/ +/g, ' '))).toEqual(VARIANTS.map(line))
  for (const { name } of refusedNames) expect(page, name).toContain(`\`${name}\``)
})
