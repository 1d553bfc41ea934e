/** `kerbside audit verify` against a real log that is damaged in every way: what is found, and what by nature is not. */
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FAULTS } from '../../src/core/audit/verify.ts'
import { openAuditLog } from '../../src/io/audit/log.ts'
import { chained, end, NOON, start, who, writeLog } from '../io/audit/logs.ts'
import { runCli } from './run-cli.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-verify-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const verify = () => runCli(['audit', 'verify', directory])
const file = (sidecar: string, number = 0) => join(directory, `${sidecar}-${number}.ndjson`)

/** Eight records of a real sidecar's log. */
async function realLog(sidecar: string): Promise<void> {
  const log = await openAuditLog({ directory, sidecar, who: who(), clock: () => NOON, maxBytes: 1e6 })
  for (const id of ['1', '2', '3']) {
    await log.write(start(id))
    await log.write(end(id))
  }
  await log.close()
}

describe('a log that nobody touched', () => {
  it('is whole', async () => {
    await realLog('pod-a')
    await realLog('pod-b')
    const { code, out } = await verify()
    expect(code).toBe(0)
    expect(out).toMatch(/^pod-a +ml-quant\/train-0 +quant-research +8 records +whole, closed$/m)
    expect(out).toContain('2 sidecars, 16 records: all whole')
  })

  it('is whole while it is written, and in several segments', async () => {
    const { lines } = chained(
      'pod-a',
      ['1', '2', '3'].map((id, at) => ({ at, entry: start(id) })),
    )
    writeLog(directory, 'pod-a', lines, 2)
    appendFileSync(file('pod-a', 1), '{"format":1,"si')
    const { code, out } = await verify()
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('whole, not closed: running, or ended suddenly; ends in a line that is not finished'),
    ])
  })
})

describe('a pod whose clock went back', () => {
  it('has a log that is whole, and is told of it', async () => {
    const { lines } = chained(
      'pod-a',
      [0, 90, 30].map((minute) => ({ at: minute * 60_000, entry: start(String(minute)) })),
    )
    writeLog(directory, 'pod-a', lines)
    const { code, out } = await verify()
    expect([code, out]).toEqual([0, expect.stringContaining('\n  its clock went back by 60 min before number 2\n')])
  })
})

describe('damage to a real log', () => {
  beforeEach(async () => {
    await realLog('pod-a')
    await realLog('pod-b')
  })

  const lines = (sidecar = 'pod-a') => readFileSync(file(sidecar), 'utf8').trimEnd().split('\n')
  const put = (changed: readonly string[]) => writeFileSync(file('pod-a'), `${changed.join('\n')}\n`)

  it.each<[string, (lines: string[]) => string[], number, keyof typeof FAULTS]>([
    ['a path flipped', (all) => all.with(3, (all[3] ?? '').replace('prices', 'prized')), 4, 'changed'],
    ['an allow made of a deny', (all) => all.with(3, (all[3] ?? '').replace('allow', 'deny')), 4, 'changed'],
    ['a blank put in', (all) => all.with(3, (all[3] ?? '').replace(',', ', ')), 4, 'unreadable'],
    ['a line dropped', (all) => all.toSpliced(3, 1), 4, 'out-of-order'],
    ['two lines swapped', (all) => all.with(3, all[4] ?? '').with(4, all[3] ?? ''), 4, 'out-of-order'],
    ['a line twice', (all) => all.toSpliced(3, 0, all[3] ?? ''), 5, 'out-of-order'],
    ['the beginning cut off', (all) => all.slice(2), 1, 'gap'],
    ['the middle cut out', (all) => all.toSpliced(2, 3), 3, 'out-of-order'],
    ['half a line', (all) => all.with(3, (all[3] ?? '').slice(0, 100)), 4, 'unreadable'],
    ['an empty line', (all) => all.toSpliced(3, 0, ''), 4, 'unreadable'],
    ['a line of another sidecar', (all) => all.with(3, lines('pod-b')[3] ?? ''), 4, 'wrong-sidecar'],
    [
      'a forged line',
      (all) => all.with(3, chained('pod-a', [{ at: 0, entry: start('x') }]).lines[0] ?? ''),
      4,
      'out-of-order',
    ],
  ])('is found, with file and line, and leaves other logs whole: %s', async (_, damage, line, fault) => {
    const before = lines()
    expect(damage(before)).not.toEqual(before)
    put(damage(before))
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toContain(`pod-a-0.ndjson:${line}: ${FAULTS[fault]}\n`)
    expect(out).toMatch(/^pod-b .* whole, closed$/m)
    expect(out).toContain('1 broken')
  })

  it('is found wherever a single bit is turned', async () => {
    const bytes = readFileSync(file('pod-a'))
    for (let at = 0; at < bytes.length; at += 37) {
      const turned = Buffer.from(bytes)
      turned[at] = (turned[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(file('pod-a'), turned)
      expect((await verify()).code, `byte ${at}`).toBe(1)
    }
  })

  it('is found when a segment is gone from the beginning or the middle', async () => {
    const { lines: long } = chained(
      'pod-c',
      Array.from({ length: 9 }, (_, at) => ({ at, entry: start(String(at)) })),
    )
    for (const number of [0, 1]) {
      writeLog(directory, 'pod-c', long, 3)
      rmSync(file('pod-c', number))
      expect((await verify()).out).toMatch(
        new RegExp(
          `pod-c-${number + 1}\\.ndjson:1: ${FAULTS.gap}\n  numbers ${number * 3} to ${number * 3 + 2} are not here`,
        ),
      )
    }
  })

  it('is found when a log is given the name of another', async () => {
    renameSync(file('pod-a'), file('pod-x'))
    expect((await verify()).out).toContain(`pod-x-0.ndjson:1: ${FAULTS['wrong-sidecar']}`)
  })

  it('is found when a segment ends in half a line and another one follows', async () => {
    writeFileSync(file('pod-a', 1), '')
    appendFileSync(file('pod-a'), '{"form')
    expect((await verify()).out).toContain('the segment before it ends in the middle of a line')
  })

  it('is not found where no chain can: a tail cut off, a log deleted. The command says so each time', async () => {
    put(lines().slice(0, 4))
    rmSync(file('pod-b'))
    const { code, out } = await verify()
    expect(code).toBe(0)
    expect(out).toContain('not closed: running, or ended suddenly')
    expect(out).toContain('not what was cut off its end, nor a log that is gone')
  })
})

describe('a folder', () => {
  it('without records is said to be so, and is no success', async () => {
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('no records in') })
    writeFileSync(file('pod-a'), '')
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('no records in') })
  })

  it('that is not there is said to be so', async () => {
    const { code, err } = await runCli(['audit', 'verify', join(directory, 'x')])
    expect([code, err]).toEqual([3, expect.stringContaining('x` is not there')])
  })

  it('with hostile names in its records prints nothing that a terminal would obey', async () => {
    const pod = '\u001b[2J\u202ex\n'
    writeLog(directory, 'pod-a', chained('pod-a', [{ at: 0, entry: start('1', { who: { pod } }) }]).lines)
    writeFileSync(file('pod-b'), '\u001b[2J\n')
    const { out, err } = await verify()
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(out).toContain('ml-quant/\\u001b[2J\\u202ex\\u000a')
  })
})
