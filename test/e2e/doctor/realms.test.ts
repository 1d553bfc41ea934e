/** `kerbside doctor` for principals of other realms than the HDFS they use: each realm on the way has a KDC, and each is looked at. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ofCheck, Room } from '../../cli/doctor/room.ts'
import { attach } from '../../lab/lab.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { World } from '../credentials/world.ts'
import { warmUp } from './warm-up.ts'

vi.setConfig({ testTimeout: 120_000 })

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const CORP = { realm: 'CORP', kdcs: ['kdc-corp.lab:88'] }
const OVERSEAS = { realm: 'OVERSEAS', kdcs: ['kdc-overseas.lab:88'], via: 'CORP' }

let room: Room
beforeAll(async () => {
  const world = new World()
  await warmUp(world).finally(() => world.remove())
})
beforeEach(async () => {
  room = await Room.open()
  room.put('hdfs/lab/ca.pem', readFileSync(lab.files.authority))
})
afterEach(() => room.close())

test('all is well through two trusts, and each KDC on the way is a line', async () => {
  room.put('hdfs/quant-research/keytab', readFileSync(lab.files.keytab('quant-overseas')))
  room.slice({ principal: 'quant@OVERSEAS', cluster: { ...SLICE.cluster, realms: [CORP, OVERSEAS] } })
  const report = await room.json()
  expect(report.findings.filter(({ state }) => state === 'warn' || state === 'fail')).toEqual([])
  const kdcs = report.findings.filter(({ check }) => check === 'kdc').map(({ about, says }) => `${about}: ${says}`)
  expect(kdcs).toEqual([
    expect.stringMatching(/^kdc-overseas\.lab:88: .*knows the principal/),
    'kdc-corp.lab:88: answers, for realm CORP',
    'kdc.lab:88: answers, for realm LAB',
  ])
  expect(ofCheck(report, 'namenode')).toContain('proved itself')
})

test('a realm between whose KDC is gone fails, however well the others answer, and no key is shown', async () => {
  room.put('hdfs/quant-research/keytab', readFileSync(lab.files.keytab('quant-overseas')))
  const gone = { ...CORP, kdcs: ['kdc-corp.lab:1'] }
  room.slice({ principal: 'quant@OVERSEAS', cluster: { ...SLICE.cluster, realms: [gone, OVERSEAS] } })
  const report = await room.json()
  const states = report.findings.filter(({ check }) => check === 'kdc').map(({ state }) => state)
  expect(states).toEqual(['ok', 'fail', 'ok'])
  expect(ofCheck(report, 'ticket')).toBe('not-tried: needs kdc')
})

test('a realm that policy does not name is told', async () => {
  room.slice({ principal: 'quant@ELSEWHERE', cluster: SLICE.cluster })
  expect(ofCheck(await room.json(), 'kdc')).toBe('fail: realm `ELSEWHERE` is not one of the realms of the cluster')
})
