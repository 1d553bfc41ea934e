/** A record before and a record after: what becomes of an operation whose record is late, or cannot be written. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SHAPES } from '../../../src/core/audit/schema.ts'
import { isInOrder } from '../../../src/core/audit/shape.ts'
import { ask, messageOf, type Setup, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const asked = () => [...setup.hdfs.nn1.questions, ...setup.hdfs.nn2.questions]

describe('an operation', () => {
  test('that cannot be recorded does not happen', async () => {
    setup.audit.refuses = 'start'
    const answer = await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=MKDIRS')
    expect(answer.status).toBe(503)
    expect(messageOf(answer)).toContain('(audit-unwritable)')
    expect(asked()).toEqual([])
  })

  test('that only looks may be asked before its record is there, and is not told before', async () => {
    let onDisk = () => {}
    const write = setup.audit.write.bind(setup.audit)
    setup.audit.write = async (entry) => {
      if (entry.kind === 'start') await new Promise<void>((resolve) => (onDisk = resolve))
      return write(entry)
    }
    let isTold = false
    const telling = ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS').finally(() => (isTold = true))
    await expect.poll(() => asked().length).toBe(1)
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect(isTold).toBe(false)
    onDisk()
    expect((await telling).status).toBe(200)
  })

  test('that only looks is not told when it cannot be recorded', async () => {
    setup.audit.refuses = 'start'
    const { status, body } = await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS')
    expect([status, body]).toEqual([503, expect.stringContaining('(audit-unwritable)')])
    expect(body).not.toContain('FileStatus')
  })

  test('that is denied is asked of nobody', async () => {
    expect((await ask(setup, 'GET', '/webhdfs/v1/data/weather/x?op=GETFILESTATUS')).status).toBe(403)
    expect(asked()).toEqual([])
  })

  test('has its records in the order of their lines, so that they are written as they stand', async () => {
    const begun = setup.audit.entries.length
    for (const [method, path] of [
      ['GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS'],
      ['PUT', '/webhdfs/v1/team/quant/a?permission=700&op=MKDIRS'],
      ['PUT', '/webhdfs/v1/team/quant/a?op=RENAME&destination=/team/quant/b'],
      ['DELETE', '/webhdfs/v1/team/quant/a?op=DELETE&recursive=true'],
      ['GET', '/webhdfs/v1/data/weather/x?op=GETFILESTATUS'],
      ['GET', '/webhdfs/v1/../x?op=NOTHING'],
    ] as const)
      await ask(setup, method, path)
    const entries = setup.audit.entries.slice(begun)
    expect(entries.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => ['start', 'end']).flat())
    const isWritten = (entry: (typeof entries)[number]) => isInOrder(entry, SHAPES.get(2)?.get(entry.kind) ?? {})
    expect(entries.filter((entry) => !isWritten(entry))).toEqual([])
  })

  test('whose end cannot be recorded is counted and logged', async () => {
    setup.audit.refuses = 'end'
    expect((await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=MKDIRS')).status).toBe(200)
    await expect.poll(() => setup.gateway.counters().lostEndRecords).toBe(1)
    expect(setup.warnings).toHaveLength(1)
  })
})
