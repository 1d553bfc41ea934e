/** What a SIEM or Ranger's own tools get: nothing is lost on the way that they have a place for, and a deny is never an allow. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import { OCSF_VERSION, toOcsf } from '../../../src/core/audit/ocsf.ts'
import { toRanger } from '../../../src/core/audit/ranger.ts'
import type { Entry } from '../../../src/core/audit/record.ts'
import type { Row, Start } from '../../../src/core/audit/row.ts'
import { toRows } from '../../../src/core/audit/row.ts'
import { OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import { chained, entry, sha256, WHO } from './arbitrary.ts'

const link = { previous: NO_HASH, sidecar: 'pod-a', sequence: 7, time: '2026-03-02T09:00:00.250Z' }
const record = (one: Entry) => chain(one, link, sha256).record
const start = (operation: string, effect: 'allow' | 'deny' = 'allow'): Entry => ({
  kind: 'start',
  who: { ...WHO, owner: { kind: 'Job', name: 'train' } },
  what: { operationId: '1', operation, path: '/data/market/a.csv', dataset: 'market', client: 'Java/11' },
  why: { effect, reason: effect === 'allow' ? 'granted' : 'no-grant', grants: ['g@a.yaml:1'], bundle: 'sha256:1' },
})

describe('an event of OCSF', () => {
  it('has what its class asks for, whatever the record', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const event = toOcsf(record(one))
        const { class_uid, category_uid, activity_id, type_uid, severity_id, time, metadata } = Object(event)
        expect(type_uid).toBe(class_uid * 100 + activity_id)
        expect(category_uid).toBe(Math.floor(class_uid / 1000))
        expect([severity_id, time]).toEqual([1, Date.parse(link.time)])
        expect(metadata).toMatchObject({ version: OCSF_VERSION, uid: 'pod-a/7', product: { vendor_name: 'Kerbside' } })
        if (class_uid === 1001) expect(event).toMatchObject({ actor: { user: {} }, device: { type_id: 99 }, file: {} })
        if (class_uid === 6003) expect(event).toMatchObject({ actor: { user: {} }, api: {}, src_endpoint: {} })
        expect(JSON.parse(JSON.stringify(event))).toEqual(event)
      }),
    )
  })

  it('says denied where it was denied, and never else', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const { action_id: action } = toOcsf(record(one))
        if (one.kind === 'start') expect(action).toBe(one.why.effect === 'allow' ? 1 : 2)
        if (one.kind === 'admission') expect(action).toBe(one.admission.effect === 'admit' ? 1 : 2)
        if (one.kind === 'release') expect(action).toBe(one.release.outcome === 'given' ? 1 : 2)
        if (one.kind === 'refusal') expect(action).toBe(2)
        if (one.kind === 'end') expect(action).toBeUndefined()
      }),
    )
  })

  it('calls each operation by what it does', () => {
    const named = ['OPEN', 'CREATE', 'APPEND', 'DELETE', 'RENAME', 'SETACL', 'GETACLSTATUS', 'LISTSTATUS', 'SETTIMES']
    const names = named.map((operation) => toOcsf(record(start(operation)))['activity_name'])
    expect(names).toEqual([
      'Read',
      'Create',
      'Update',
      'Delete',
      'Rename',
      'Set Security',
      'Get Security',
      'Get Attributes',
      'Set Attributes',
    ])
    expect(toOcsf(record(start('<b>NONSENSE')))).toMatchObject({ activity_id: 99, type_uid: 100199 })
    for (const { name, method } of OPERATIONS.filter((one) => one.answeredBy !== 'nobody')) {
      const { activity_id: id } = toOcsf(record(start(name)))
      if (method === 'GET') expect([2, 8, 9, 99], name).toContain(id)
      else expect([2, 8, 9], name).not.toContain(id)
    }
  })
})

describe('an event of Ranger', () => {
  const row = (effect: 'allow' | 'deny'): Row => ({ of: 'operation', start: record(start('OPEN', effect)) as Start })

  it('says who, what and whether, in the words of Ranger', () => {
    expect(toRanger(row('allow'))).toMatchObject({
      repoType: 1,
      reqUser: 'quant@LAB',
      evtTime: '2026-03-02 09:00:00.250',
      access: 'OPEN',
      resource: '/data/market/a.csv',
      action: 'read',
      result: 1,
      cliType: 'Java/11',
      additional_info: expect.stringContaining('"owner":{"kind":"Job","name":"train"}'),
    })
    expect(toRanger(row('deny'))).toMatchObject({ result: 0, reason: 'no-grant' })
  })

  it('is there for each operation with its start, and for nothing else', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        for (const one of toRows(chained(entries))) {
          const event = toRanger(one)
          expect(event === undefined).toBe(one.of !== 'operation')
          if (one.of === 'operation') expect(event?.['result']).toBe(one.start.why.effect === 'allow' ? 1 : 0)
        }
      }),
    )
  })
})
